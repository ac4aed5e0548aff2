"""Runs the application: a threaded server with keep-alive, a ready line, a clean end."""

import logging
import os
import select
import signal
import socket
import sys
import threading

from cheroot import wsgi

THREADS = 24


class Gateway(wsgi.Gateway_10):
    """Lets the application cut the connection instead of answering."""

    def get_environ(self) -> dict:
        return {**super().get_environ(), "stand_in.cut": self._cut}

    def _cut(self) -> None:
        self.req.close_connection = True
        try:
            self.req.conn.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the caller has gone already


class Server(wsgi.Server):
    """Clients open connections ahead of need. One that says nothing yet waits with the idle ones: handed to a
    thread, as cheroot does with new ones, two dozen of them would leave no thread for those that speak."""

    def process_conn(self, conn) -> None:
        if conn.rfile.has_data() or _says_something(conn.socket):
            super().process_conn(conn)
        else:
            self._connections.put(conn)


def _says_something(connection: socket.socket) -> bool:
    """Also when it is at its end."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def serve(app, host: str, port: int, exit_with_parent: bool) -> None:
    server = Server((host, port), app, numthreads=THREADS, request_queue_size=512, timeout=120)
    server.gateway = Gateway
    server.keep_alive_conn_limit = 1000
    server.error_log = lambda msg="", level=20, traceback=False: logging.getLogger("cheroot").info(msg)
    server.prepare()
    _stop_on_signals(server)
    if exit_with_parent:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    print(f"ready http://{host}:{server.bind_addr[1]}", flush=True)
    server.serve()


def _stop_on_signals(server) -> None:
    # Threads may be in the middle of a call; there is nothing to save, so end at once.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _exit())


def _stop_at_end_of_input() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    _exit()


def _exit() -> None:
    sys.stderr.flush()
    os._exit(0)
