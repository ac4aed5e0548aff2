"""The WSGI application: every AWS call passes the layers in this order.

identity, call counts, what is due by now, faults, expiry, trust or permission, then our own answer or moto's, and
the faults that come after the effect. moto is called under one lock, since its backends are not made for threads.
"""

import logging
import traceback

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import errors
from .access.authorise import check_allowed
from .access.identity import caller_of, identify
from .access.sessions import check_assume_role, record_attempt, record_session
from .admin import answer_admin
from .call import Call, read_call
from .cloudwatch_bridge import to_cbor_reply, to_json_request
from .errors import AwsError, Reply
from .faults import CUT, answer_fault, take_faults
from .instances_listing import describe_instances
from .own import OPERATIONS, answer_own
from .power.journal import note_answer
from .state import State

LOG = logging.getLogger("stand_in")
STATUS = {0: "Cut", 200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 412: "Precondition Failed", 500: "Internal Server Error"}


class StandIn:
    def __init__(self, state: State):
        self.state = state
        self.moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: dict, start_response):
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_stand-in"):
            reply = answer_admin(self.state, environ)
        elif path.startswith("/moto-api"):
            return self.moto(environ, start_response)
        else:
            reply = self.answer(read_call(environ))
        if reply is CUT:
            environ["stand_in.cut"]()
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        start_response(f"{reply.status} {STATUS.get(reply.status, 'Status')}", list(headers.items()))
        return [reply.body]

    def answer(self, call: Call) -> Reply:
        reply = self._answer(call)
        with self.state.lock:
            note_answer(self.state, call, reply)
        return reply

    def _answer(self, call: Call) -> Reply:
        try:
            return self._pass_layers(call)
        except AwsError as error:
            LOG.info("%s %s %s: %s", call.account_id, call.region, call.action, error.code)
            return errors.error_reply(call, error)
        except NotImplementedError:
            LOG.error("moto does not know %s", call.action)
            return errors.error_reply(call, errors.unknown_operation(call))
        except Exception:
            LOG.error("%s failed\n%s", call.action, traceback.format_exc())
            return errors.error_reply(call, errors.internal(call))

    def _pass_layers(self, call: Call) -> Reply:
        state = self.state
        identify(state, call)
        with state.lock:
            state.calls[(call.account_id, call.service, call.operation, call.region)] += 1
            state.timeline.catch_up(call.account_id)
        caller = caller_of(call)
        faulty = self._meet_faults(call, caller)
        if faulty:
            return faulty
        if call.session and call.session.is_expired(state.clock):
            raise errors.expired(call)
        if call.action == "sts:AssumeRole":
            return self._assume_role(call, caller)
        with state.lock:
            check_allowed(call)
            reply = self._work(call)
        return (reply.status < 300 and self._meet_faults(call, caller, after=True)) or reply

    def _work(self, call: Call) -> Reply:
        if call.action == "ec2:DescribeInstances":
            return describe_instances(self.state, call)
        return answer_own(self.state, call) if call.action in OPERATIONS else self._ask_moto(call)

    def _meet_faults(self, call: Call, caller: dict, after: bool = False) -> Reply | None:
        replies = (answer_fault(call, fault, caller["arn"]) for fault in take_faults(self.state, call, after))
        return next((reply for reply in replies if reply), None)

    def _assume_role(self, call: Call, caller: dict) -> Reply:
        with self.state.lock:
            check_allowed(call)
            record_attempt(self.state, call)
            check_assume_role(self.state, call, caller)
            reply = self._ask_moto(call)
            record_session(self.state, call, reply.body)
        return reply

    def _ask_moto(self, call: Call) -> Reply:
        if call.protocol == "cbor":
            to_json_request(call)
        caught: dict = {}

        def start(status, headers, exc_info=None):
            caught.update(status=int(status.split()[0]), headers=dict(headers))

        body = b"".join(self.moto(call.environ, start))
        reply = Reply(caught["status"], _end_to_end(caught["headers"]), body)
        return to_cbor_reply(call, reply) if call.protocol == "cbor" else reply


def _end_to_end(headers: dict) -> dict:
    return {k: v for k, v in headers.items() if k.lower() not in ("content-length", "connection", "server", "date")}


