"""What a client has to do to go on where a limit of its address is reached."""

import hmac
import secrets
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.field_encrypted.keyring import keyring

from ..engine.proof import is_solved
from ..exceptions import TeahouseError

LIFETIME = timedelta(minutes=5)
# About a second on a phone; twice as long for each bit more.
BITS = 18
KIND_PARAMETER = "teahouse_base.human_check"


class TeahouseHumanCheck(models.AbstractModel):
    """Riddles for clients, one kind after another.

    Nothing is stored until an answer comes: the token carries kind, difficulty and
    end, and a keyed hash of them. A kind ``x`` is a pair of methods, ``_make_x`` and
    ``_solved_x``, and an entry in the settings; an addon may bring another, such as a
    picture or an outside service.
    """

    _name = "teahouse.human.check"
    _description = "Check that a client is worth an answer"

    @api.model
    def _kind(self):
        """Return the kind in force, None if there is no check."""
        params = self.env["ir.config_parameter"].sudo()
        kind = params.get_param(KIND_PARAMETER, "proof_of_work")
        return kind if hasattr(self, f"_make_{kind}") else None

    @api.model
    def _api_create(self):
        """Return a new riddle.

        :raise TeahouseError: not_found, no check is set up
        """
        kind = self._kind()
        if not kind:
            raise TeahouseError("not_found", self.env._("There is no check to do."))
        facts, shown = getattr(self, f"_make_{kind}")()
        end = int((fields.Datetime.now() + LIFETIME).timestamp())
        text = f"{kind}.{facts}.{end}.{secrets.token_urlsafe(12)}"
        token = f"{text}.{self._sign(text)}"
        return {
            "kind": kind,
            "token": token,
            "expires_in": int(LIFETIME.total_seconds()),
            **shown,
        }

    @api.model
    def _passed(self, proof):
        """Tell whether a riddle was solved, in time and for the first time.

        :param proof: an object with token and answer, None without one
        :rtype: bool
        """
        if not proof or not self._kind():
            return False
        text, _dot, signature = proof.token.rpartition(".")
        if not hmac.compare_digest(self._sign(text), signature):
            return False
        kind, facts, end, _nonce = text.split(".")
        if kind != self._kind() or int(end) < fields.Datetime.now().timestamp():
            return False
        if not getattr(self, f"_solved_{kind}")(facts, proof):
            return False
        # Good once, whatever becomes of the request.
        once = ((int(LIFETIME.total_seconds()) * 2, 1),)
        return not self.env["teahouse.throttle"]._hit("human check", text, once)

    @api.model
    def _sign(self, text):
        return keyring().mac("human check", text.encode()).hex()[:32]

    # Proof of work: the client computes, nobody sees or types anything.

    @api.model
    def _make_proof_of_work(self):
        """Return what goes into the token, and what the client is told besides."""
        params = self.env["ir.config_parameter"].sudo()
        bits = int(params.get_param("teahouse_base.human_check_bits", BITS))
        return bits, {"bits": bits}

    @api.model
    def _solved_proof_of_work(self, facts, proof):
        return is_solved(proof.token, proof.answer, int(facts))
