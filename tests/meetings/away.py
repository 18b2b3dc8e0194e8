"""Somebody without an account who comes for a seat."""

from meetings.services.outsiders import name_outsider as name

OLA = "ola@elsewhere.test"


def named(meets, email=OLA, called="Ola Away", level="management", seat=None, **fields):
    return name(
        actor=meets.leads[0],
        meeting=meets.meeting,
        seat=seat or meets.seats()[0],
        name=called,
        email=email,
        level=level,
        **fields,
    )


def path_in(letter):
    return "/" + letter.context["url"].split("/", 3)[3]
