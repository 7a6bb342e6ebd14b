"""Words that are written with a full stop which need not end a sentence, English and Russian."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    """
    Dr Mr Mrs Ms Mx Prof Rev Hon Fr Gen Col Maj Capt Cpt Lt Sgt Cmdr Adm Gov Sen Rep Pres Supt Messrs
    St Mt Ft Mme Mlle Hr Sra Dra
    """
)
"""A name follows. Only with the capital: "one more rep." ends a sentence."""

NEVER_LAST = _words(
    """
    e.g i.e viz cf vs approx incl excl esp resp tel
    т е т.е т.к т.н т.о т.ч т.ж напр см ср тел
    ул просп пр-т пр-кт пер пл наб бул б-р ш мкр корп кв стр гл г с дер пос р-н
    св им проф акад доц чл ред сост отв зам зав ген гос гр тов г-н г-жа
    к.т.н д.т.н к.м.н д.м.н к.ф.н д.ф.н к.и.н д.и.н
    """
)
"""More follows whatever its first letter: "ул. Ленина". Compared in lower case."""

SOMETIMES_LAST = _words(
    """
    no nos etc al ca circa inc ltd co corp llc bros jr sr esq dept univ assn ext vol vols pp ch chap sec
    fig figs eq eds ave blvd rd hwy apt min max hr hrs mins secs lb lbs oz pt qt gal tbsp tsp
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    u.s u.k u.n u.s.a e.u d.c l.a n.y a.m p.m a.d b.c ph.d
    д п др пр т.д т.п п.п н.э и.о тыс млн млрд трлн руб р коп долл шт чел экз мин сек ч сут нед мес
    гг в вв табл рис илл прим обл респ изд макс
    янв фев февр апр авг сен сент окт ноя нояб дек пн вт чт пт сб вс
    """
)
"""The next word tells: a capital begins a new sentence. Compared in lower case."""
