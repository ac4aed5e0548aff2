"""A stand-in for AWS: moto in one process, with layers for what moto lacks.

It answers as AWS's public API reference says, so that Tuner can be tried and tested without an
AWS account. It is not a security boundary: signatures are not verified, only who a key belongs to.
"""
