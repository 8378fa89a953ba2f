"""Groups that continue another (RFC 9420 §11.2) or branch off from it (§11.3), tied to it by its resumption key.

    old group ── commit of ReInit ──> ended ── a member founds the new group: everybody ──> PSK of usage reinit
    old group ──────────────────────────────── a member founds a subgroup: some ─────────> PSK of usage branch

Who founds and who joins check the same: that the new group is what the old one says that it is.
"""

from collections.abc import Sequence

from cordiale.errors import IllegalStep, ProtocolViolation
from cordiale.mls.credential import Credential
from cordiale.mls.member_state import MemberState
from cordiale.mls.proposal import PskId, ReInit, ResumptionPsk, ResumptionUsage
from cordiale.mls.public_group import PublicGroup
from cordiale.mls.same_client import SameClient
from cordiale.vocab.identifier import Epoch


def link_of(psks: Sequence[PskId]) -> ResumptionPsk | None:
    """The key that ties a Welcome's group to another; §12.4.3.1: one at most."""
    links = [psk for psk in psks if isinstance(psk, ResumptionPsk) and psk.usage is not ResumptionUsage.APPLICATION]
    if len(links) > 1:
        raise ProtocolViolation("a group that continues two others", rule="RFC 9420 §12.4.3.1 (4)")
    return links[0] if links else None


def check_link(link: ResumptionPsk, old: MemberState | None, new: PublicGroup, same: SameClient) -> None:
    """That a Welcome's group is what its link says. `old` is the group that the link names, as we hold it."""
    if old is None or old.group_id != link.group_id:
        raise IllegalStep("the group that this one continues is needed to check it")
    if link.usage is ResumptionUsage.REINIT:
        _check_continuation(link, old, new, same)
    else:
        _check_branch(link, old, new, same)


def _check_continuation(link: ResumptionPsk, old: MemberState, new: PublicGroup, same: SameClient) -> None:
    if new.epoch != Epoch(1):
        raise ProtocolViolation(f"a continued group in epoch {new.epoch}", rule="RFC 9420 §11.2 (2)")
    if link.epoch != old.epoch:
        raise ProtocolViolation("another epoch than the old group's last", rule="RFC 9420 §11.2 (3)")
    if ReInit(new.group_id, new.suite_id, new.extensions) != old.public.reinit:
        raise ProtocolViolation("the group is not the one that the old group went on as", rule="RFC 9420 §11.2 (1)")
    check_complete(old, [member.credential for member in new.members], same)


def check_complete(old: MemberState, present: Sequence[Credential], same: SameClient) -> None:
    """§11.2, §12.4.3.1: everybody of the old group is in the new one."""
    for member in old.members:
        if not any(same(member.credential, credential) for credential in present):
            raise ProtocolViolation("a member of the old group is missing", rule="RFC 9420 §11.2 (4)")


def _check_branch(link: ResumptionPsk, old: MemberState, new: PublicGroup, same: SameClient) -> None:
    if new.suite_id != old.public.suite_id:
        raise ProtocolViolation("a subgroup of another suite", rule="RFC 9420 §11.3 (1)")
    if new.epoch != Epoch(1):
        raise ProtocolViolation(f"a subgroup in epoch {new.epoch}", rule="RFC 9420 §11.3 (2)")
    before = [member.credential for member in old.keys_of(link.group_id, link.epoch).members]
    check_subset(before, [member.credential for member in new.members], same)


def check_subset(before: Sequence[Credential], present: Sequence[Credential], same: SameClient) -> None:
    """§11.3: whoever is in a subgroup (or founds one, §11.2) was in the group before."""
    for credential in present:
        if not any(same(known, credential) for known in before):
            raise ProtocolViolation("somebody who is not in the other group", rule="RFC 9420 §11.3 (3)")
