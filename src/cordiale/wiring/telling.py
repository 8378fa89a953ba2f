"""What each step of the demonstration showed, in one sentence of each language, from what was really seen."""

from collections.abc import Callable, Mapping
from typing import Any, Final

Detail = Mapping[str, Any]
Told = tuple[str, str]


def _set_up(seen: Detail) -> Told:
    words, people = " ".join(seen["words"]), ", ".join(seen["people"])
    return (
        f"Linked by the words “{words}”, the same on both sides. In the room: {people}.",
        f"Reliés par les mots « {words} », les mêmes des deux côtés. Dans le salon : {people}.",
    )


def _read(seen: Detail) -> Told:
    readers = ", ".join(seen["read_as"])
    shown = next(iter(seen["read_as"].values()))
    return (
        f"Sent as {seen['sent_as']}. {readers} read it as {shown}.",
        f"Envoyé sous {seen['sent_as']}. Lu par {readers} sous {shown}.",
    )


def _file(seen: Detail) -> Told:
    readers, digest = ", ".join(seen["received_by"]), seen["sha256"][:16]
    return (
        f"{seen['file']}, {seen['bytes']:,} bytes; {readers} have the same SHA-256, {digest}….",
        f"{seen['file']}, {seen['bytes']} octets ; même SHA-256 chez {readers}, {digest}….",
    )


def _refused(seen: Detail) -> Told:
    uk, fr = seen["refusals"]["uk"], seen["refusals"]["fr"]
    return (
        f"{uk['marking']}: refused by the UK's border, rule {uk['rule']}. {fr['marking']}: refused by the French border, "
        f"rule {fr['rule']}. Nothing of either is in the other side's database.",
        f"{uk['marking']} : refusé par la frontière britannique, règle {uk['rule']}. {fr['marking']} : refusé par la "
        f"frontière française, règle {fr['rule']}. Rien n'en est dans la base de l'autre côté.",
    )


def _node(seen: Detail) -> Told:
    node = seen["node"]
    sizes = f"{node['ciphertext_bytes']}", node["ciphertext"][-32:]
    return (
        f"The agent reads “{seen['agent']}”; the node holds {sizes[0]} bytes of ciphertext (…{sizes[1]}…), the label, the "
        f"room and the time.",
        f"L'agent lit « {seen['agent']} » ; le nœud tient {sizes[0]} octets chiffrés (…{sizes[1]}…), la marque, le salon "
        f"et l'heure.",
    )


def _outage(seen: Detail) -> Told:
    count = seen["arrived"]
    return (
        f"{count} messages written while France's node was down: all {count} arrived, in order, once.",
        f"{count} messages écrits pendant l'arrêt du nœud français : les {count} sont arrivés, dans l'ordre, une fois.",
    )


def _decision(seen: Detail) -> Told:
    keys, title = " and ".join(seen["keys"]), seen["title"]
    return (
        f"“{title['en']}”, keyed by {keys}, binds; a bundle of {seen['bundle_bytes']} bytes proves it offline. A second "
        f"key of one nation was refused. “{seen['objected']['en']}” met an objection in Paris: no key turns there.",
        f"« {title['fr']} », validée par {keys.replace(' and ', ' et ')}, engage ; un dossier de {seen['bundle_bytes']} octets "
        f"le prouve hors ligne. Une seconde clé d'une même nation a été refusée. « {seen['objected']['fr']} » se heurte à une "
        f"objection de Paris : aucune clé n'y tourne.",
    )


def _encounter(seen: Detail) -> Told:
    first, second = seen["first"], seen["second"]
    hours, metres, km = f"{seen['hours']:g}", f"{seen['altitude_metres']:g}", f"{seen['reach_km']:.1f}"
    return (
        f"“{second['en']}” was refused until it named “{first['en']}” ({seen['named']}). Both capitals find the same "
        f"conflict, rule {seen['cause']}: {hours} h, {metres} m of altitude and {km} km in common.",
        f"« {second['fr']} » a été refusé tant qu'il ne nommait pas « {first['fr']} » ({seen['named']}). Les deux capitales "
        f"trouvent le même conflit, règle {seen['cause']} : {_comma(hours)} h, {metres} m d'altitude et {_comma(km)} km "
        f"en commun.",
    )


def _comma(number: str) -> str:
    return number.replace(".", ",")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _sea(seen: Detail) -> Told:
    title, paris = seen["title"], seen["seen_as"]["claire@fr"]
    day = (
        ("Dover Strait, a real day", "Pas de Calais, une journée réelle")
        if seen["real"]
        else ("An exercise", "Un exercice")
    )
    return (
        f"{day[0]}: {_counted(seen['alerts'], 'alert')}. “{title['en']}”, released once, stands in both pictures as the UK's; "
        f"Paris reads it as {paris}. Released again: nothing happens.",
        f"{day[1]} : {_counted(seen['alerts'], 'alerte')}. « {title['fr']} », diffusée une fois, figure dans les deux "
        f"situations comme venant du Royaume-Uni ; Paris la lit sous {paris}. Diffusée à nouveau : rien ne se passe.",
    )


def _members(seen: Detail) -> Told:
    return (
        f"{seen['left']} left and reads nothing written since; {seen['joined']} came and reads from “{seen['reads_from']}”.",
        f"{seen['left']} est parti et ne lit plus rien ; {seen['joined']} est venue et lit depuis « {seen['reads_from']} ».",
    )


def _proofs(seen: Detail) -> Told:
    return (
        f"A bundle of {seen['bytes']} bytes proves {seen['author']}'s message offline ({seen['log']}, entry "
        f"{seen['index']}). One byte of the stored "
        f"log altered: verification names entry {seen['altered_entry']}.",
        f"Un dossier de {seen['bytes']} octets prouve hors ligne le message de {seen['author']} ({seen['log']}, entrée "
        f"{seen['index']}). Un octet du "
        f"journal altéré : la vérification nomme l'entrée {seen['altered_entry']}.",
    )


TELL: Final[Mapping[str, Callable[[Detail], Told]]] = {
    "set_up": _set_up,
    "uk_writes": _read,
    "france_answers": _read,
    "file_crosses": _file,
    "borders_refuse": _refused,
    "node_sees": _node,
    "outage": _outage,
    "joint_decision": _decision,
    "activities_meet": _encounter,
    "watch_at_sea": _sea,
    "members_change": _members,
    "proofs": _proofs,
}


def tell(key: str, seen: Detail) -> dict[str, str]:
    """The sentence about a step that succeeded."""
    english, french = TELL[key](seen)
    return {"en": english, "fr": french}
