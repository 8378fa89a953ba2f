"""Every error that Cordiale raises, sorted by whose fault it is.

`LocalMisuse` is the caller's, `PeerViolation` the sender's of the bytes, `PolicyRefusal` nobody's (a rule was
applied), `Unavailable` the world's. Each leaf has a stable `code`, says what happened and names the next step; both
sentences are gettext message ids, so that a shell can show them in the reader's language. `facts` fill the braces
and never hold a secret, a subject or content. `rule` cites the law that was applied, where there is one.
"""

from typing import ClassVar


class CordialeError(Exception):
    """Base of all. `str()` gives English; shells translate `happened` and `next_step`."""

    code: ClassVar[str] = "error"
    happened: ClassVar[str] = "Something failed: {detail}"
    next_step: ClassVar[str] = "Run `cordiale doctor`."
    exit_status: ClassVar[int] = 1

    def __init__(self, detail: str = "", /, *, rule: str = "", **facts: object) -> None:
        self.detail, self.rule = detail, rule
        self.facts: dict[str, object] = {"detail": detail, "rule": rule, **facts}
        super().__init__(detail)

    def __str__(self) -> str:
        return fill(self.happened, self.facts)


def fill(template: str, facts: dict[str, object]) -> str:
    """Put `facts` into a template's braces; a missing fact shows as a dash rather than raising."""
    return template.format_map(_Facts(facts)).rstrip(": ")


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"


class LocalMisuse(CordialeError):
    """The person or program on this machine asked for something that cannot be."""


class PeerViolation(CordialeError):
    """Bytes from elsewhere break a format, a protocol rule or a signature."""


class PolicyRefusal(CordialeError):
    """A rule of a nation or a room says no; nothing is broken."""


class Unavailable(CordialeError):
    """Something needed is out of reach now; trying again later may work."""


class WrongUsage(LocalMisuse):
    code, exit_status = "wrong-usage", 2
    happened = "The command was not understood: {detail}"
    next_step = "See `--help` of the command."


class NotFound(LocalMisuse):
    code = "not-found"
    happened = "There is no such {what} here: {detail}"
    next_step = "List what there is and check the spelling."


class AlreadyExists(LocalMisuse):
    code = "already-exists"
    happened = "The {what} exists already: {detail}"
    next_step = "Choose another name or place, or use the existing one."


class IllegalStep(LocalMisuse):
    code = "illegal-step"
    happened = "This step is not possible now: {detail}"
    next_step = "Look at the present state and take the step that it expects."


class StoreLocked(LocalMisuse):
    code = "store-locked"
    happened = "The store could not be opened: {detail}"
    next_step = "Check the passphrase, and that no other process holds the store."


class Malformed(PeerViolation):
    code = "malformed"
    happened = "Bytes received as {what} are not well formed: {detail}"
    next_step = "Nothing was changed. Ask the sender for an intact copy; report it if it happens again."


class LimitExceeded(PeerViolation):
    code = "limit-exceeded"
    happened = "A declared limit was exceeded: {detail}"
    next_step = "Nothing was changed. Send less at a time; the limits are listed in docs/limits.md."


class BadSignature(PeerViolation):
    code = "bad-signature"
    happened = "A signature does not verify: {detail}"
    next_step = "Nothing was changed. The bytes were altered or signed by another key: report it to both nations."


class BadCertificate(PeerViolation):
    code = "bad-certificate"
    happened = "A certificate was not accepted: {detail}"
    next_step = "Nothing was changed. Ask the nation that issued it for a valid one."


class Unauthorised(PeerViolation):
    code = "unauthorised"
    happened = "The caller is not known here or may not do this."
    next_step = "Check that the person is enrolled or the nations are peered, and that clocks agree."


class Replayed(PeerViolation):
    code = "replayed"
    happened = "These bytes were received before: {detail}"
    next_step = "Nothing was changed. A repeated copy is harmless; many are worth a report."


class LabelMismatch(PeerViolation):
    code = "label-mismatch"
    happened = "The marking outside differs from the marking that the author encrypted: {detail}"
    next_step = "The message is kept apart unread. Report it to both nations: somebody on the way changed it."


class ProofInvalid(PeerViolation):
    code = "proof-invalid"
    happened = "A proof does not hold: {detail}"
    next_step = "Keep this copy as evidence and compare it with the other nation's copy."


class SplitView(PeerViolation):
    code = "split-view"
    happened = "Two signed checkpoints of one log contradict each other: {detail}"
    next_step = "Keep both as evidence. Replication with this peer stopped; speak to the other nation."


class GroupForked(PeerViolation):
    code = "group-forked"
    happened = "Two copies of one group's history contradict each other: {detail}"
    next_step = "Keep both as evidence. Whoever is on the wrong branch is removed and invited again."


class ProtocolViolation(PeerViolation):
    code = "protocol-violation"
    happened = "A message breaks rule {rule}: {detail}"
    next_step = "Nothing was changed. Ask the sender to update; report it if it happens again."


class StaleEpoch(PeerViolation):
    code = "stale-epoch"
    happened = "The room has moved on since this change was made: {detail}"
    next_step = "Nothing was changed. It is made again from the present state automatically."


class CannotDecrypt(PeerViolation):
    code = "cannot-decrypt"
    happened = "A message cannot be decrypted: {detail}"
    next_step = "It is kept. Ask its author to send it again."


class NotReleasable(PolicyRefusal):
    code = "not-releasable"
    happened = "The border of {nation} refused release to {destination}: {detail}"
    next_step = "Change the marking if it was wrong, or use a room whose members may all have it."


class MessageRefused(PolicyRefusal):
    code = "message-refused"
    happened = "The message was refused: {detail}"
    next_step = "Nothing of it left this nation. Write it again under another marking, or in another room."


class AboveCeiling(PolicyRefusal):
    code = "above-ceiling"
    happened = "The marking is above the room's ceiling: {detail}"
    next_step = "Use a room with a higher ceiling."


class ClearanceTooLow(PolicyRefusal):
    code = "clearance-too-low"
    happened = "A person's clearance does not reach the room's ceiling: {detail}"
    next_step = "Invite someone with the clearance, or use a room with a lower ceiling."


class NotMember(PolicyRefusal):
    code = "not-member"
    happened = "Only members of the room may do this: {detail}"
    next_step = "Ask a member for an invitation."


class Revoked(PolicyRefusal):
    code = "revoked"
    happened = "The person or device was revoked by its nation: {detail}"
    next_step = "Ask the nation's administrator to enrol the person again."


class ActRefused(PolicyRefusal):
    code = "act-refused"
    happened = "The register's rules refuse this: {detail}"
    next_step = "Look at the record as it stands now, and take the step that its workflow allows."


class SightMissing(PolicyRefusal):
    code = "sight-missing"
    happened = "It overlaps what it does not name: {detail}"
    next_step = "Look at these records. Repeat the command with {options} if yours is to stand all the same."


class BudgetSpent(PolicyRefusal):
    code = "budget-spent"
    happened = "The budget for private deconfliction is spent: {detail}"
    next_step = "Wait until earlier runs are out of the period, or let both nations agree on another budget."


class PolicyInvalid(PolicyRefusal):
    code = "policy-invalid"
    happened = "A policy file cannot be used: {detail}"
    next_step = "Nothing is released until it is put right: install the signed file again."


class Unreachable(Unavailable):
    code = "unreachable"
    happened = "{what} cannot be reached: {detail}"
    next_step = "What was written is kept and is sent when it answers again."


class StorageFailed(Unavailable):
    code = "storage-failed"
    happened = "Storage failed: {detail}"
    next_step = "Nothing was acknowledged that is not stored. Check disk space and permissions."


class WorkerLost(Unavailable):
    code = "worker-lost"
    happened = "A process that did a part of the work ended before it was done: {detail}"
    next_step = (
        "What stood before is whole. Run it again: it goes on from what is there. If that happens again, give it fewer "
        "workers: memory may not be enough for so many."
    )


class TooBusy(Unavailable):
    code = "too-busy"
    happened = "Too many requests: {detail}"
    next_step = "Wait a little; what was written is kept and is sent later."
