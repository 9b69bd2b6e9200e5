"""What customers are told, in their language: kind, short, and never more than can be kept."""

from queuewatch.words.acknowledgement import acknowledgement
from queuewatch.words.languages import available
from queuewatch.words.negotiate import negotiate
from queuewatch.words.notice import Notice, ssml, text, twiml
from queuewatch.words.promise import Promised, promise
from queuewatch.words.wait import say_wait, spoken_wait

__all__ = [
    "Notice",
    "Promised",
    "acknowledgement",
    "available",
    "negotiate",
    "promise",
    "say_wait",
    "spoken_wait",
    "ssml",
    "text",
    "twiml",
]
