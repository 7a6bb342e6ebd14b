"""Words that are written with a full stop which does not end a sentence, English and Russian."""

TITLES = frozenset(
    """
    Dr Mr Mrs Ms Mx Prof Rev Hon Fr Gen Col Maj Capt Cpt Lt Sgt Cmdr Adm Gov Sen Rep Pres Supt Messrs St Mt Ft
    Mme Mlle Hr Sra Dra
    """.split()
)
"""A name follows. Only with the capital: "one more rep." ends a sentence."""

NEVER_LAST = frozenset(
    """
    e.g i.e viz cf vs approx incl excl esp resp tel
    т е т.е т.к т.н т.о т.ч т.ж напр см ср тел ул просп пр-т пр-кт пер пл наб бул б-р ш мкр корп кв стр гл
    г гор с дер пос р-н св им проф акад доц чл ред сост пер отв зам зав ген гос гр тов г-н г-жа
    к.т.н д.т.н к.м.н д.м.н к.ф.н д.ф.н к.и.н д.и.н
    """.split()
)
"""More follows whatever its first letter: "ул. Ленина". Compared in lower case."""

SOMETIMES_LAST = frozenset(
    """
    no nos etc al ca circa inc ltd co corp llc bros jr sr esq dept univ assn est ext vol vols pp ch chap sec art
    fig figs eq ed eds ave blvd rd hwy apt min max hr hrs mins secs lb lbs oz pt qt gal tbsp tsp
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    u.s u.k u.n u.s.a e.u d.c l.a n.y a.m p.m a.d b.c ph.d
    д п др пр т.д т.п н.э тыс млн млрд трлн руб р коп долл шт чел экз мин сек ч час сут нед мес лет гг в вв
    табл рис илл прим п.п обл респ изд и.о ок макс янв фев февр мар апр авг сен сент окт ноя нояб дек
    пн вт ср чт пт сб вс
    """.split()
)
"""The next word tells: a capital begins a new sentence. Compared in lower case."""
