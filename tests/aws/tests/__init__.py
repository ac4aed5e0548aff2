"""The stand-in's own tests: ``python -m unittest discover -s tests/aws/tests -t tests/aws``."""
