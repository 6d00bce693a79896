"""Words of English that say nothing of a subject. Other languages' are found by how they spread."""

from __future__ import annotations

_ARTICLES = "a an the this that these those such same other another each every either neither both"
_PRONOUNS = """
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
she her hers herself it its itself they them their theirs themselves one ones oneself who whom
whose which what whatever whichever whoever someone somebody something anyone anybody anything
everyone everybody everything none nobody nothing
"""
_PREPOSITIONS = """
about above across after against along amid among around as at before behind below beneath beside
besides between beyond by despite down during except for from in inside into like near of off on
onto out outside over past per since than through throughout till to toward towards under until up
upon via with within without
"""
_CONJUNCTIONS = """
and but or nor so yet if unless because although though while whereas whether when whenever where
wherever why how then else thus hence therefore however moreover also too either rather
"""
_VERBS = """
am is are was were be been being do does did done doing have has had having can could may might
must shall should will would ought get gets got getting make makes made making let lets go goes went
gone going come comes came become becomes became seem seems say says said use uses used using
usually give gives given gave take takes taken took put
"""
_ADVERBS = """
not no yes very more most much many few fewer less least little some any all several enough only
just even still again once ever never always often sometimes already almost quite perhaps maybe
here there now well back away etc eg ie especially particularly certain various different new own
first second third two three way ways thing things kind kinds type types part parts form forms
relating related involving containing including consisting
"""
# What an apostrophe leaves behind: don't, isn't, I'm.
_PIECES = """
don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn mustn ain ll ve re
"""
ENGLISH = frozenset(
    " ".join(
        (_ARTICLES, _PRONOUNS, _PREPOSITIONS, _CONJUNCTIONS, _VERBS, _ADVERBS, _PIECES)
    ).split()
)
