"""``python -m stand_in``: starts the stand-in and prints ``ready URL`` when it answers."""

import argparse
import logging
import os
import sys

os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


def main() -> None:
    options = _read_options()
    level = logging.INFO if options.verbose else logging.ERROR
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s")
    from .build import build_app

    app = build_app(options.now, options.seed)
    from .serve import serve

    serve(app, options.host, options.port, options.exit_with_parent)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stand_in", description="A stand-in for AWS.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", choices=["demo", "none"], default="none")
    parser.add_argument("--now", help="the time the stand-in starts at, RFC 3339; default now")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("--verbose", action="store_true", help="log refusals and requests")
    return parser.parse_args()


if __name__ == "__main__":
    main()
