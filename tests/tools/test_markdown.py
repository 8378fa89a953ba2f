"""The Markdown reader sees what a reader sees, and nothing in fences but their lines."""

from pathlib import Path

import pytest

from tools import markdown

TEXT = """# Title

See [the limits](docs/limits.md#sizes "with a title") and `[not](a-link.md)`.
![picture](a.svg) and ``a `tick` inside``

## Sizes & times

```sh
# Title
cordiale demo
```

## Sizes & times

| `NAME` | 4,096 | bytes |
"""


@pytest.fixture
def page() -> markdown.Page:
    return markdown.parse(Path("page.md"), TEXT)


def test_links_and_images_with_their_lines_but_not_those_in_code(page: markdown.Page) -> None:
    assert [(spot.line, spot.text) for spot in page.links()] == [(3, "docs/limits.md#sizes"), (4, "a.svg")]


def test_code_spans(page: markdown.Page) -> None:
    assert [spot.text for spot in page.spans()] == ["[not](a-link.md)", "a `tick` inside", "NAME"]


def test_fenced_lines_are_blocks_and_no_prose(page: markdown.Page) -> None:
    assert [(block.language, [line.text for line in block.lines]) for block in page.blocks] == [
        ("sh", ["# Title", "cordiale demo"])
    ]
    assert page.blocks[0].lines[1].line == 10


def test_anchors_are_counted_where_headings_repeat(page: markdown.Page) -> None:
    assert page.anchors() == {"title", "sizes--times", "sizes--times-1"}


def test_rows(page: markdown.Page) -> None:
    assert list(page.rows()) == [(15, ("`NAME`", "4,096", "bytes"))]


def test_a_fence_that_is_never_closed_runs_to_the_end() -> None:
    page = markdown.parse(Path("page.md"), "a\n~~~\n[b](c)\n")
    assert [line.text for line in page.blocks[0].lines] == ["[b](c)"]
    assert not list(page.links())


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What a node can see", "what-a-node-can-see"),
        ("`wire.limits`: sizes", "wirelimits-sizes"),
        ("The [guard](x.md)", "the-guard"),
        ("Étapes, une à une", "étapes-une-à-une"),
    ],
)
def test_anchors_are_named_as_code_forges_name_them(heading: str, anchor: str) -> None:
    assert markdown.slug(heading) == anchor
