"""Locks in the database that a transaction takes before it looks."""

from odoo.tools import SQL


def enter(env, space, number):
    """Lock something for the transaction, with a view of it from after the lock.

    A transaction sees the database as it was when it began: if another one holds the
    lock, this one waits outside, is begun again and then locks. Nothing may have been
    written in it.

    :param env: whose transaction it is
    :param int space: first key of the advisory locks of one kind
    :param int number: second key: which of that kind
    """
    cr = env.cr
    lock = SQL("%s, %s", space, number)
    got = env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s)", lock))[0][0]
    if got:
        return
    cr.execute(SQL("SELECT pg_advisory_lock(%s)", lock))
    try:
        cr.rollback()
        env.transaction.reset()
        cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", lock))
    finally:
        cr.execute(SQL("SELECT pg_advisory_unlock(%s)", lock))
