from . import (
    app_shell,
    crm_lead,
    loyalty_card,
    res_users,
    teahouse_booking,
    teahouse_campaign,
    teahouse_member,
    teahouse_room,
    teahouse_tariff,
    teahouse_tier,
)
