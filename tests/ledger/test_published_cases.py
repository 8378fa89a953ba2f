"""The cases of transparency-dev/merkle (testdata/, Apache 2.0), read from ../shared/data/merkle beside the repository.

`inclusion` and `consistency` are RFC 9162's; `subtreeinclusion` and `subtreeconsistency` are those of
draft-ietf-plants-merkle-tree-certs §4.3 and §4.4.
"""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from cordiale.errors import ProofInvalid
from cordiale.ledger.proof import verify_consistency, verify_inclusion, verify_subtree_inclusion
from cordiale.ledger.subtree import verify_subtree_consistency

CASES = Path(__file__).parents[3] / "shared" / "data" / "merkle" / "testdata"
EXPECTED = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"transparency-dev/merkle cases are not at {CASES}")


def _check(kind, case):
    proof = tuple(b64decode(part) for part in case["proof"] or ())
    roots = [b64decode(case[name] or "") for name in ("root", "root1", "root2", "leafHash") if name in case]
    match kind:
        case "inclusion":
            verify_inclusion(roots[1], case["leafIdx"], case["treeSize"], proof, roots[0])
        case "subtreeinclusion":
            verify_subtree_inclusion(roots[1], case["leafIdx"], case["start"], case["end"], proof, roots[0])
        case "consistency":
            verify_consistency(case["size1"], case["size2"], proof, *roots)
        case "subtreeconsistency":
            verify_subtree_consistency(case["start"], case["end"], case["size"], proof, *roots)


@pytest.mark.parametrize("kind", EXPECTED)
def test_published_case(kind):
    wrong, files = [], sorted((CASES / kind).rglob("*.json"))
    for file in files:
        case = json.loads(file.read_text())
        try:
            _check(kind, case)
            refused = False
        except ProofInvalid:
            refused = True
        if refused != case["wantErr"]:
            wrong.append(file.relative_to(CASES))
    assert not wrong
    assert len(files) == EXPECTED[kind]
