"""The signing key of this installation's log."""

from zhizhi.core.evidence.checkpoint import Signer
from zhizhi.store.keyring import log_signing_key

LOG_NAME = "zhizhi.local/log"


def log_signer() -> Signer:
    """The signer; its name carries eight digits of its key, so that the logs of two installations never share one."""
    seed = log_signing_key()
    return Signer(f"{LOG_NAME}/{Signer(LOG_NAME, seed).verifier.public_key.hex()[:8]}", seed)
