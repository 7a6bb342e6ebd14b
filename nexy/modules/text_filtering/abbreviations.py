"""Words that are written with a full stop which need not end a sentence.

English, Russian, German, French, Spanish, Italian, Portuguese, and what is usual in a few more. The
splitter does not know the language, so a word of one must not be the last word of sentences in another:
such words are only here where what follows can tell.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    """
    Dr Mr Mrs Ms Mx Prof Rev Hon Fr Gen Col Maj Capt Cpt Lt Sgt Cmdr Adm Gov Sen Rep Pres Supt Messrs
    St Mt Ft Mme Mlle Mmes Hr Hrn Sra Sras Sr Srta Dra Dña Sto Sta Ste Pr Me Mgr Ing Lic Gral Cnel
    EE FF Dott Sig Avv Geom Rag On Arch Exmo Exma Ilmo Ilma Eng
    डॉ श्री पं د أ
    Av med phil jur rer nat
    """
)
"""A name follows. Only as it is written here: "one more rep." and "see me." end a sentence."""

NEVER_LAST = _words(
    """
    e.g i.e viz cf vs approx incl excl esp resp
    т е т.е т к т.к т.н т.о т.ч т.ж напр см ср
    ул просп пр-т пр-кт пер пл наб бул б-р ш мкр корп кв стр гл г с дер пос р-н
    св им проф акад доц чл ред сост отв зам зав ген гос гр тов г-н г-жа
    к.т.н д.т.н к.м.н д.м.н к.ф.н д.ф.н к.и.н д.и.н
    z.b d.h u.a.m bzw ggf evtl inkl exkl zzgl sog vgl bspw insb mio mrd dipl
    c.-à-d c.à.d p.ex env cà
    pág págs núm núms avda dña admón aprox dpto ej p.ej
    sig sigg dott prof.ssa dott.ssa sig.ra ing avv p.za c.so v.le pagg
    exmo exma av av.da eng enga
    np tzw tzn
    prof ul exa u.a น
    """
)
"""More follows whatever its first letter: "ул. Ленина". Compared in lower case."""

BEFORE_NUMBER = _words(
    """
    no nos nr nrn art al fig figs abb tab bd kap vol vols ch chap sec p pp pag s n f ff eq eqs
    núm num n.º nº sect séc ex lám lam art.º anm aufl p.º tel kl тел рис табл илл прим
    """
)
"""Goes on when a number follows: "art. 5", "s. XIX", but "Modern art." Compared in lower case."""

WITHOUT_DECIMALS = BEFORE_NUMBER | _words(
    """
    page pages gate platform room floor line exit no number unit
    seite gleis zimmer raum stock linie nummer zeile hausnummer
    voie quai salle porte ligne numéro página habitación puerta vía andén línea número
    pagina stanza porta binario linea numero sala linha cais porto
    страница странице страницы страницу дом дома доме квартира квартиры комната комнате комнаты путь пути
    кв д корп стр с линия линии номер номером peron peronu peronie pokój strona stronie spoor spår колії
    """
)
"""The number behind these is a whole one: "Gate 12." Compared in lower case."""

SOMETIMES_LAST = _words(
    """
    etc al ca circa inc ltd co corp llc bros jr sr esq dept univ assn ext
    ave blvd rd hwy apt min max hr hrs mins secs lb lbs oz pt qt gal tbsp tsp
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri
    u.s u.k u.n u.s.a e.u d.c l.a n.y a.m p.m a.d b.c ph.d
    д п др пр т.д т.п п.п н.э и.о тыс млн млрд трлн руб р коп долл шт чел экз мин сек ч сут нед мес
    гг в вв обл респ изд макс см
    янв фев февр апр авг сен сент окт ноя нояб дек пн вт чт пт сб вс
    usw u.v.m o.ä u.ä o.g s.o s.u str hauptstr hbf jh jhd mo di mi do sa std sek mind ust hrsg
    ecc ud uds vd vds ptas tfno cía hnos s.a s.l ee.uu
    itd itp tys godz wg doc hab inż mgr
    uu
    """
)
"""The next word tells: a capital begins a new sentence. Compared in lower case."""

ORDINAL_BEFORE = _words(
    """
    im der die das den dem des vom zum zur beim ab jeder jede jedes jeden jedem dieser diese diesem diesen
    ein eine einen einem einer mein meine meinen sein seine seinen ihr ihre ihren unser unsere unseren
    """
)
"""German: "im 2. Stock", "der 1. Versuch"; no number ends a sentence behind these."""

GERMAN_MONTHS = _words(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember
    jan jän feb mär apr jun jul aug sep sept okt nov dez jahrhundert jh jahrtausend
    """
)
"""What follows a number that is an ordinal, whatever stands before it: "3. Mai"."""

BEGINNINGS = _words(
    """
    a an the this that these those there here it its he she they we you i his her their our your my
    in on at for from with without when where what why how who if but and or so then now yes no not
    это он она они мы вы я ты но и а так тут там как что где когда если да нет потом теперь
    das die der es er sie wir ihr ich du aber und so dann ja nein wenn wie was wo
    le la les il elle nous vous je tu mais et alors oui non ce cette c'est un une
    el los las ella ellos nosotros yo pero y si sí lo un una esto eso
    lei loro noi voi io ma e se gli ciò questo questa
    o os as ele ela eles nós eu mas isso isto um uma
    """
)
"""A sentence begins with these, and no name does: "Vitamin C. It helps." Compared in lower case."""
