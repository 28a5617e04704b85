"""Names of the addons beside each other: none takes another's."""


def test_no_two_addons_declare_one_field(stack):
    """A field with two meanings mixes up data, and leaves with the first uninstall."""
    rows = stack.sql(
        """
        SELECT f.model, f.name, array_agg(DISTINCT d.module ORDER BY d.module)
          FROM ir_model_fields f
          JOIN ir_model_data d ON d.model = 'ir.model.fields' AND d.res_id = f.id
         WHERE (starts_with(d.module, 'teahouse') OR d.module = 'payment_cn_common')
           -- Every addon names these for the models it extends.
           AND f.name NOT IN ('id', 'display_name', 'create_uid', 'create_date',
                              'write_uid', 'write_date')
         GROUP BY f.model, f.name
        HAVING count(DISTINCT d.module) > 1
        """
    )
    assert rows == []
