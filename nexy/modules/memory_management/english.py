"""How English is taken apart: clauses, orders, questions, suppositions, and where a value ends."""

import re

from nexy.modules.memory_management.english_rules import RULES
from nexy.modules.memory_management.rule import Grammar
from nexy.modules.memory_management.words import listed

ENGLISH = Grammar(
    language="en",
    rules=RULES,
    clause=re.compile(
        r"(?:,| and| but| so| because)+ (?=(?:i|i'm|i've)\b|my [\w' -]{1,40}? (?:is|are|lives|was)\b)",
        re.IGNORECASE,
    ),
    lead=re.compile(
        r"(?:hello|hi|hey|good morning|good evening|ok|okay|well|so|yes|yeah|no|oh|nexy|and|but|also"
        r"|please|actually|by the way|you know|just so you know|for your information|in fact"
        r"|to be honest|anyway|listen|look|there|you should know(?: that)?|i want you to know(?: that)?"
        r"|i already told you(?: that)?)\b[\s,.!:-]*+",
        re.IGNORECASE,
    ),
    order=re.compile(
        r"(?:(?:can|could) you (?:please )?(?=remember that\b)|i (?:want|need) you to )?(?:please )?"
        r"(?:(?:remember|note to self|don't forget|do not forget|never forget|memori[sz]e)"
        r"|(?:note|make a note|take a note|keep in mind)(?=:| that\b| i\b| my\b))"
        r"(?: for me)?,?(?: please)?(?: that\b| this\b| to\b)?+[ ,:]*+"
        r"(?!my (?:name|birthday|voice|face|number)[ .!]*$|your\b|last time|breathe)"
        r"(?!(?:me|when|how|the time when|what|who|where|why|it|him|her|them|us|this|that)\b)(.+)",
        re.IGNORECASE,
    ),
    announces=re.compile(
        r"(?:please )?(?:remember|note|memori[sz]e) (?:this|that|the following)[ ,:.!]*(?:please)?[.!:]*$",
        re.IGNORECASE,
    ),
    asks=re.compile(
        r"(?:what|what's|where|where's|when|who|who's|whose|which|how|how's|why|is|are|am|was|were|do"
        r"|does|did|can i|could i|should|will|have i|has|may i|tell me (?:if|what|where|who|when|how"
        r"|whether)|guess)\b",
        re.IGNORECASE,
    ),
    tags=re.compile(
        r"(?:\?|[ ,](?:right|don't i|do i|am i|aren't i|isn't it|is it|correct|or not|yes or no)[ .!]*)$",
        re.IGNORECASE,
    ),
    not_own=re.compile(
        r"\b(?:if|unless|suppose|supposing|imagine|pretend|let's say|assume|assuming|wish|would"
        r"|translate|translation|after me|how (?:do|would|can|should) (?:i|you|we|one) (?:say|write"
        r"|spell)|(?:in|into) (?:french|german|russian)|(?!i\b)\w+ (?:said|says|told|tells|claims|writes"
        r"|wrote|sings|asked|asks|thinks|thought)|used to|maybe|perhaps|might|in (?:my|the|a) (?:dream"
        r"|story|novel|game|song|film|book)|as an example|for example|joking|just kidding)\b",
        re.IGNORECASE,
    ),
    cut=re.compile(
        r"(?:,? (?:but|because|since|although|though|so|when|while|unless|cause|except)\b.*"
        r"|[ ,]+(?:by the way|please|too|as well|very much|a lot|so much|at the moment|right now"
        r"|these days|now|nowadays|actually|you know|very well|fluently|a little|a bit|nexy|any ?more"
        r"|any longer|thank you|thanks|years? old|ok|okay))+$",
        re.IGNORECASE,
    ),
    both=re.compile(r",? (?:and|or|as well as) |, ", re.IGNORECASE),
    no_thing=listed(
        "you it that this him her them your these those how what when where why who if one someone something "
        "nothing everything anything here there up so too louder slower slowly quietly not today tomorrow "
        "soon next yesterday coming"
    ),
    no_name=listed(
        "not a an the mom mum dad misspelled misspelt away every off being called going getting what back "
        "later tomorrow again when if at on in by to maybe important secret unknown today tonight now soon "
        "anytime crazy stupid names it that this your so too very hard easy something anything nobody "
        "whatever wrong right common rare spelled written pronounced different funny old because and or but "
        "over out up after before during using first please sometime"
    ),
    turns={
        "my": "their",
        "mine": "theirs",
        "me": "them",
        "myself": "themselves",
        "our": "their",
        "ours": "theirs",
        "us": "them",
        "i": "they",
        "we": "they",
        "i'm": "they're",
        "i've": "they've",
        "am": "are",
    },
    note="The user asked to remember: {value}",
)
