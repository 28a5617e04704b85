"""Cross-origin answers, for the origins that the operator lists and no other."""

ORIGINS_PARAMETER = "teahouse_base.api_cors_origins"
MAX_AGE = "7200"


def allowed_origins(env):
    """Return the set of origins of the setting; empty means CORS is off."""
    text = env["ir.config_parameter"].sudo().get_param(ORIGINS_PARAMETER) or ""
    return {origin.strip().rstrip("/") for origin in text.split(",") if origin.strip()}


def cors_headers(request):
    """Return the headers that let the request's origin read the answer."""
    origin = request.httprequest.headers.get("Origin")
    if not origin or origin not in getattr(request, "teahouse_origins", ()):
        return []
    headers = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "X-Request-Id, Retry-After"),
    ]
    if request.httprequest.method == "OPTIONS":
        headers += [
            ("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE"),
            (
                "Access-Control-Allow-Headers",
                "Authorization, Content-Type, Accept-Language, Idempotency-Key",
            ),
            ("Access-Control-Max-Age", MAX_AGE),
        ]
    return headers
