from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, PageQuery, api_route

from ..api import schemas

TAGS = ["Marketing"]


class MarketingController(ApiController):
    @api_route(
        "/me/membership",
        auth="member",
        response=schemas.MembershipOut,
        readonly=True,
        summary="My tier, growth and points",
        tags=TAGS,
    )
    def membership(self):
        return request.env["teahouse.member"]._current()._api_membership()

    @api_route(
        "/me/points",
        auth="member",
        query=PageQuery,
        response=Page[schemas.PointsEntry],
        readonly=True,
        summary="My points, entry by entry",
        tags=TAGS,
    )
    def points(self, query):
        card = request.env["teahouse.member"]._current()._points_card()
        return card._api_history(query)

    @api_route(
        "/campaigns",
        auth="public",
        response=schemas.CampaignList,
        readonly=True,
        summary="What runs now",
        tags=TAGS,
    )
    def campaigns(self):
        return request.env["teahouse.campaign"]._api_list()

    @api_route(
        "/inquiries",
        methods="POST",
        auth="public",
        request=schemas.InquiryCreate,
        response=schemas.InquiryOut,
        status=201,
        idempotency="optional",
        rate="auth",
        summary="Ask about an event or a franchise",
        tags=TAGS,
        errors=["not_found"],
    )
    def inquire(self, body):
        return request.env["crm.lead"]._teahouse_inquire(body)
