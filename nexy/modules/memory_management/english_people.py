"""Whom and what English-speaking users have names for: relatives, pets, trades, ailments."""

_RELATIVES = (
    r"(?:grand)?(?:mother|father|mom|mum|dad|son|daughter)|sister|brother|wife|husband|aunt|uncle|cousin"
    r"|niece|nephew|girlfriend|boyfriend|partner|fianc[eé]e?|grandma|grandpa|best friend|friend|boss|doctor"
    r"|teacher|neighbou?r|roommate|baby|boy|girl|assistant|therapist"
)
RELATIVE = (
    r"(?P<what>(?:(?:older|elder|younger|little|big|twin|eldest|oldest|youngest|second|other|late) )?"
    rf"(?:{_RELATIVES}))"
)
PET = (
    r"(?P<kind>guide )?(?P<what>dog|puppy|cat|kitten|parrot|hamster|rabbit|horse|bird|fish|turtle|snake"
    r"|guinea pig|budgie|canary)"
)
HAVE = r"(?:i|we)(?: have|'ve got|'ve| got) (?:an? |two |another )?"
STATE = (
    r"(?P<how>(?:a |totally |completely |legally |partially |almost |university "
    r"|college )*)(?P<what>blind|deaf|visually impaired|hard of hearing|vegetarian|vegan|diabetic"
    r"|pensioner|student|retired|unemployed|left-handed|left handed|dyslexic|pregnant|colou?r ?-?blind"
    r"|lactose intolerant)"
)
AILMENT = (
    r"(?P<what>(?:type (?:1|2|one|two) )?diabetes|asthma|epilepsy|glaucoma|cataracts?|macular degeneration"
    r"|retinitis pigmentosa|arthritis|dyslexia|dementia|multiple sclerosis|high blood pressure)"
)
TRADE = (
    r"(?:teacher|nurse|doctor|engineer|programmer|developer|lawyer|driver|cook|chef|musician|writer"
    r"|journalist|translator|interpreter|scientist|artist|accountant|designer|electrician|plumber"
    r"|carpenter|farmer|manager|psychologist|therapist|tuner|operator|librarian|secretary|waiter"
    r"|waitress|firefighter|pharmacist|dentist|architect|photographer|singer|actor|actress|judge"
    r"|professor|priest|pianist|composer|researcher|salesman|saleswoman|police officer|social worker"
    r"|housewife)"
)
