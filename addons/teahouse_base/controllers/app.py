from urllib.parse import quote

from odoo import http
from odoo.http import request


class TeahouseApp(http.Controller):
    """The customers' mobile web app: one page, the rest is the public JSON API."""

    _app_url = "/teahouse/app"

    @http.route(_app_url, type="http", auth="public", methods=["GET"], readonly=True)
    def app(self, **_query):
        return request.render(
            "teahouse_base.app_index",
            {"session_info": request.env["ir.http"]._teahouse_app_info()},
            headers={"Cache-Control": "no-cache", "X-Frame-Options": "DENY"},
        )

    @http.route(
        f"{_app_url}/<path:screen>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def screen(self, screen, **_query):
        """Go to a screen of the app.

        A link without a ``#`` outlives other apps, which cut or double it, and payment
        providers, which add parameters of their own.
        """
        return request.redirect(f"{self._app_url}#/{quote(screen)}")

    @http.route(
        f"{_app_url}/manifest.webmanifest",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
    )
    def manifest(self):
        """Return what a phone needs to put the app on its home screen."""
        name = request.env["ir.http"]._teahouse_app_name()
        return request.make_json_response(
            {
                "name": name,
                "short_name": name,
                "start_url": self._app_url,
                "scope": self._app_url,
                "display": "standalone",
                "background_color": "#f7f4ee",
                "theme_color": "#2c654b",
                "icons": [
                    {
                        "src": f"/teahouse_base/static/src/img/app-{size}.png",
                        "sizes": f"{size}x{size}",
                        "type": "image/png",
                        # Phones cut it round: the cup keeps clear of the edge.
                        "purpose": purpose,
                    }
                    for size in (192, 512)
                    for purpose in ("any", "maskable")
                ],
            },
            headers={"Content-Type": "application/manifest+json"},
        )
