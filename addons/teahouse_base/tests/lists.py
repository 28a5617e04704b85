from lxml import etree


class Lists:
    """What every list offers, over the addons that are installed.

    Upper addons mix it in: each addon's tests run without the addons above it.
    """

    def test_every_list_can_be_filtered_and_explains_itself(self):
        modules = self.env["ir.module.module"].search(
            [("author", "=", "Teahouse"), ("state", "=", "installed")]
        )
        ours = self.env["ir.model.data"].search(
            [
                ("model", "=", "ir.actions.act_window"),
                ("module", "in", modules.mapped("name")),
            ]
        )
        self.assertTrue(ours)
        for name in ours:
            action = self.env["ir.actions.act_window"].browse(name.res_id)
            model = self.env[action.res_model]
            # Wizards and dialogues list nothing.
            if model._transient or action.target == "new":
                continue
            with self.subTest(action=name.complete_name):
                self.assertTrue(action.help, "nothing explains an empty screen")
                view = model.get_view(action.search_view_id.id or None, "search")
                filters = etree.fromstring(view["arch"]).xpath("//filter")
                self.assertTrue(filters, "neither a filter nor a group-by")
