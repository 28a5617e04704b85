import collections
import re

from odoo import api, models, tools

from ..api import openapi
from ..api.dispatcher import TeahouseDispatcher
from ..api.problem import CODES, title_of


class TeahouseApiDocument(models.AbstractModel):
    """Describes the routes of the addons that are installed in this database."""

    _name = "teahouse.api.document"
    _description = "Description of the API"

    @api.model
    def _routes(self):
        """Return (operation name, Declaration) of every route, each once."""
        found = {}
        for rule in self.env["ir.http"].routing_map().iter_rules():
            routing = rule.endpoint.routing
            if routing["type"] == TeahouseDispatcher.routing_type:
                declaration = routing["teahouse"]
                if not declaration.hidden:
                    found[declaration] = rule.endpoint.__name__
        names = collections.Counter(found.values())
        return [
            # A name that two addons chose is told apart by the method and path.
            (name if names[name] == 1 else _long_name(declaration), declaration)
            for declaration, name in found.items()
        ]

    @api.model
    @tools.ormcache(cache="routing")
    def _openapi(self):
        """Return the OpenAPI document (dict; not to be changed)."""
        module_sudo = self.env["ir.module.module"].sudo()._get("teahouse_base")
        return openapi.build(
            self._routes(),
            self.env.registry._init_modules,
            module_sudo.latest_version or "1",
        )

    @api.model
    def _page_values(self):
        """Return what the readable page shows: operations by tag, and the codes."""
        document = self._openapi()
        groups = {}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                tag = (operation["tags"] or ["Other"])[0]
                groups.setdefault(tag, []).append((method.upper(), path, operation))
        return {
            "document": document,
            "groups": groups,
            "codes": [
                (code, status, title_of(code, self.env.lang or "en_US"))
                for code, (status, _title) in CODES.items()
            ],
        }


def _long_name(declaration):
    words = re.findall(r"[a-z0-9]+", re.sub(r"<(\w+:)?", "<", declaration.path))
    return "_".join([declaration.method.lower(), *words])
