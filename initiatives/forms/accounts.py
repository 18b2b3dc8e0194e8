"""The forms of signing in, in our words: allauth's own say the same in others."""

from typing import Any, ClassVar

from allauth.account import forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django.forms import EmailField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
ADDRESS: Words = {"email": _("E-mail address"), "login": _("E-mail address")}
NEW: Words = {"password1": _("New password"), "password2": _("The new password again")}
KEY: Words = {
    "name": _("Name"),
    "passwordless": _("A passkey: sign in with it alone, without a password"),
}


class _InOurWords:
    words: ClassVar[Words] = {}
    fields: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, EmailField):
                field.error_messages["invalid"] = _("This is no e-mail address.")


class LoginForm(_InOurWords, forms.LoginForm):
    words = ADDRESS


class SignupForm(_InOurWords, forms.SignupForm):
    words = ADDRESS | {"password2": _("The same password again")}


class AddEmailForm(_InOurWords, forms.AddEmailForm):
    words = ADDRESS


class ResetPasswordForm(_InOurWords, forms.ResetPasswordForm):
    words = ADDRESS


class ResetPasswordKeyForm(_InOurWords, forms.ResetPasswordKeyForm):
    words = NEW


class ChangePasswordForm(_InOurWords, forms.ChangePasswordForm):
    words = NEW | {"oldpassword": _("The password until now")}


class SetPasswordForm(_InOurWords, forms.SetPasswordForm):
    words = NEW


class CodeOfLetterForm(_InOurWords, forms.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class AddKeyForm(_InOurWords, AddWebAuthnForm):
    words = KEY

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["passwordless"].help_text = _(
            "It then asks for your finger, your face or a PIN. Otherwise it is the second step, "
            "after the password."
        )


class RenameKeyForm(_InOurWords, EditWebAuthnForm):
    words = KEY


class SetUpAppForm(_InOurWords, ActivateTOTPForm):
    words: ClassVar[Words] = {"code": _("Code that the app shows")}
