"""Whether something waits, on pages that are not the page of today."""

from django import template

from initiatives import today
from initiatives.models import Membership

register = template.Library()


@register.simple_tag
def things_waiting(membership: Membership) -> int:
    """How many things wait for the member."""
    return sum(each.number for each in today.waiting(membership))
