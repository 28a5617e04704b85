"""Rules of membership and marketing, without Odoo."""
