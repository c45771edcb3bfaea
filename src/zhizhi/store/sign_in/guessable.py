"""A password that is guessed soon is refused, whatever its length: Django asks this among its validators."""

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

SCORE_MIN = 3  # safely unguessable: more than 10^8 guesses
READ_MAX = 72  # the estimate reads no more
OWN_WORDS = ("zhizhi", "知止", "collections", "催收")


class GuessablePassword:
    """Refuses what dictionaries, dates, keyboards and the member's own names make easy."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuses: ValidationError with the code `password_guessable`; the message never repeats the password."""
        known = [str(getattr(user, name)) for name in ("login", "name", "team") if getattr(user, name, "")]
        if zxcvbn(password[:READ_MAX], user_inputs=[*known, *OWN_WORDS])["score"] < SCORE_MIN:
            raise ValidationError("this password is guessed soon", code="password_guessable")
