"""The list of the settings pages: `{% load settings %}`."""

from typing import Any

from django import template
from django.template.context import Context

from bulk_lookup.web.settings.sections import sections_of

register = template.Library()


@register.inclusion_tag("settings/sections.html", takes_context=True)
def settings_sections(context: Context) -> dict[str, Any]:
    """`{% settings_sections %}`: the sections that the person may see; `halted` in the context marks the accounts'."""
    request = context["request"]
    match = request.resolver_match
    # The pages of a section have names that begin with its own, in the singular too: settings_account_new.
    name = match.url_name if match else ""
    return {
        "sections": [
            (one, name == one.to or name.startswith(f"{one.to.removesuffix('s')}_")) for one in sections_of(request)
        ],
        "halted": context.get("halted", False),
    }
