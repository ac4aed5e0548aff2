"""KMS: a key that is not enabled refuses to work, which moto forgets."""

from functools import wraps


def patch_kms() -> None:
    from moto.kms.models import KmsBackend

    KmsBackend.encrypt = _only_if_enabled(KmsBackend.encrypt)
    KmsBackend.generate_data_key = _only_if_enabled(KmsBackend.generate_data_key)
    KmsBackend.decrypt = _only_if_enabled(KmsBackend.decrypt)


def _only_if_enabled(work):
    from moto.core.exceptions import JsonRESTError

    @wraps(work)
    def checked(self, *args, **kwargs):
        key_id = kwargs.get("key_id")
        key = self.keys.get(self.any_id_to_key_id(key_id)) if key_id else None
        if key is not None and key.key_state == "PendingDeletion":
            raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        if key is not None and key.key_state != "Enabled":
            raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
        return work(self, *args, **kwargs)

    return checked
