"""A server with a hole, to see that a tool would find one: `no finding` of a tool that tests nothing is worth nothing."""

import html
import http.server
import sqlite3
import threading
import urllib.parse


class Holes(http.server.BaseHTTPRequestHandler):
    """`/list?name=…` puts the name into its SQL and into its page, as nobody should."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, keep_blank_values=True)
        name = query.get("name", [""])[0]
        database = sqlite3.connect(":memory:")
        database.execute("CREATE TABLE thing (name TEXT)")
        database.executemany("INSERT INTO thing VALUES (?)", [("web",), ("shop",)])
        try:
            rows = database.execute(f"SELECT name FROM thing WHERE name = '{name}'").fetchall()
            status, text = 200, "".join(f"<p>{html.escape(str(row))}</p>" for row in rows)
        except (sqlite3.Error, sqlite3.Warning) as error:
            status, text = 500, f"sqlite3.OperationalError: {error}"
        body = f"<html><body><a href='/list?name=web'>web</a>{name}{text}</body></html>".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Control:
    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Holes)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
