"""What sign-in stores so that it can be read back is encrypted: the secrets of authenticators."""

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


class EncryptingMFAAdapter(DefaultMFAAdapter):
    """Encrypts with the first of ``FIELD_ENCRYPTION_KEYS``, reads with all of them."""

    def encrypt(self, text: str) -> str:
        """What is stored in place of a secret."""
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
