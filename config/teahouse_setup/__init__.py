"""Everything that turns a fresh machine into a running teahouse.

Standard library only: this runs before there is a virtual environment. Each module
makes one thing (Odoo's files, Python packages, the database cluster, the broker, a
database, the processes), is safe to run again and does only what is missing.
"""
