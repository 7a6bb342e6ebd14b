"""Words that tell a language from its neighbours where neither its alphabet nor statistics do."""

from collections.abc import Mapping


def _sets(table: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in table.items()}


CYRILLIC = _sets(
    {
        "ru": """
            а бы был в вас вот вы где готово да для до доброе добрый его если есть еще ещё же за
            завтра знаю зовут и из или как когда конечно который меня мне может можно мы на надо
            не нет но нужно о об от открой очень по пожалуйста при привет с сегодня сейчас
            сколько спасибо так то только у уже хорошо что чтобы это я
        """,
        "uk": """
            а або але б був будь в вас вже ви вибачте від відкрий готово де для до добре доброго
            дуже дякую ж з за завтра зараз звати звичайно знаю й його коли котра ласка мене мені
            ми може можна на не нема немає ні ось по привіт скільки справи сьогодні та так то
            треба тільки у це чи ще що щоб я як який якщо є і із
        """,
        "bg": """
            а аз беше благодаря в вече ви вие във го готово да днес до добре е за здравей знам и
            или има имам казвате как какво като когато колко къде към ли ме ми много може моля
            на не но няма от отвори още по при с са се сега си съм със то това той трябва тя
            утре утро че ще
        """,
        "sr": """
            а ако али био веома већ ви где готово да данас до добро за здраво знам зовеш и из
            или има имам кад када како колико ли ме може молим на не нема немам ово од отвори по
            при са сада сам само се си смо сте су сутра тако те то треба у хвала шта ја је још
            јутро ће
        """,
        "mk": """
            а ако беше благодарам ве веќе вие во го готово да денес до добро е за здраво знам и
            или има имам каде како кога колку ли ме многу може молам на не нема но ова од отвори
            по при сакам само се сега си сме со сте сум така ти тоа треба утре утро уште што јас
            ќе
        """,
        "mn": """
            ба байна баярлалаа баяртай би болно вэ нь сайн та тийм тэр уу энэ юм
        """,
        "kk": """
            ба бар бул да де жарайды және ма мен ол рахмет сен
        """,
        "be": """
            а або ад але вы гэта дзякуй для з за калі мы на не няма так толькі у што я яго як
            ёсць і
        """,
    }
)
"""Of each also those that it shares with others: where all hit, none does."""
DEVANAGARI = _sets(
    {
        "hi": """
            अच्छा आप और कल कहाँ का कि की के कैसे को क्या ज़रूर था थी थे धन्यवाद नमस्ते नहीं ने
            पर बहुत भी मुझको मुझे में मैं यह लेकिन वह से हाँ हुआ हूँ है हैं हो
        """,
        "mr": """
            आणि आभारी आहे आहेत उद्या कसे का काय किती कुठे खूप झाले तुमचे तुमच्या तुम्ही तू ते
            धन्यवाद नमस्कार नाही पण मला माझे माझ्या मी वाजले हा ही हे होते
        """,
        "ne": """
            कति कस्तो कहाँ के को गर्नुहोस् छ छन् छैन तपाईं तपाईंको तपाईंलाई तर त्यो धन्यवाद
            नमस्ते पनि बज्यो भोलि म मलाई मा यो र लाई ले हुन्छ हो होइन
        """,
    }
)
LATIN = _sets(
    {
        "af": """
            asb asseblief baie daardie dankie deur ek gaan goeie hierdie hoekom hulle julle jy
            kan lekker maak môre nie saam sal sê totsiens vir wees
        """,
        "id": """
            adalah anda besok bisa butuh gratis kakak kamu kantor karena mobil rumah sepeda
            tolong uang
        """,
        "ms": """
            awak boleh darjah esok ialah kerana kereta pejabat percuma pukul sahaja sila wang
        """,
        "jv": """
            aku apa arep banget banyu dina gawanen iki iku ing karo kowe lan matur nuwun ora
            piye saka sugeng sésuk uga umob
        """,
        "su": """
            abdi anjeun aya cai di dina geus hatur ieu isukan jeung kumaha mawa naon ngagolak
            nuhun ogé poho punten saratus sareng teu ulah wilujeng éta
        """,
        "cy": """
            ac ble bore bydd bydda chi'n da dda ddim diolch dw dwi eich ewch fawr fy gloch
            gwelwch gyda heddiw hi'n hon hwn i'n i'r iawn mae mae'r nid nos noswaith o'r oes ond
            pam pryd prynhawn rydw shwmae sut wyt ydy yfory yn yr yw
        """,
        "ga": """
            ach ag agam agat agus aimsir anseo aon ar beidh beir bhfuil bhuil bhí cad conas cá
            céad cén dia dom duine duit fáilte féidir gach leat liom maidin maith mhaith mé níl
            oíche raibh seo sibh slán sí tráthnóna tá tú uisce
        """,
        "mt": """
            aħna biex bonġu dak dik din f'mitt fil filgħodu grazzi għada għal hawn hemm hija
            huma huwa illum imma int inti iva jekk jien jkun kif kollox lejla mhux miegħek saħħa
            tajba tajjeb tal x'inhu xejn ħafna ħin
        """,
        "gl": """
            agora aínda benvido bos cando dous estás facer grazas hai hoxe irmá mañá mensaxes
            moi máis ola queres súa tamén teño ti unha xa
        """,
        "sw": """
            asante asubuhi chukua gani habari hapana hii hiyo jua kama karibu katika kesho kuwa
            kwa lakini maji mimi moja mtu ndiyo nini sana sijui sisi tafadhali wa wapi watu wewe
            yako yeye za
        """,
        "so": """
            adiga aniga ayaa berri caawa fiican haa habeen halkan iyo ka ku laakiin maanta
            magacaygu mahadsanid maxaa maya sidee soo subax waa wanaagsan waxaa waxaan waxay
        """,
        "zu": """
            amanzi angazi cha futhi kakhulu kanye kodwa kuphi kusasa lapha manje mina namhlanje
            nge ngicela ngiyabonga sawubona thatha ukuthi unjani wena yebo yini
        """,
        "uz": """
            bilan biz bo'ladi boʻladi bu bugun emas ertaga kerak lekin men menga necha nima
            oling qanday qayerda rahmat salom siz sizga soat suv uchun yaxshi yo'q yoʻq
        """,
    }
)
"""Languages that statistics do not know, and Malay, which they take Indonesian for."""
NEIGHBOURS = {
    "af": {"nl"},
    "id": {"ms"},
    "ms": {"ms"},
    "jv": {"ms"},
    "su": {"ms"},
    "gl": {"es", "pt"},
    "uz": {"az", "tr"},
    "bs": {"hr"},
    "sr": {"hr"},
}
"""What statistics take such a language for."""

ALONE = {
    word: code
    for code, words in _sets(
        {
            "de": "warum bitte guten genau nein natürlich öffne tschüss danke vielen",
            "fr": "pourquoi d'accord voilà ouvre merci bonjour oui bonsoir",
            "es": "hola abre adiós buenos gracias buenas",
            "it": "buonasera grazie arrivederci buongiorno apri perché prego",
            "pt": "obrigada abra não olá obrigado",
            "pl": "cześć otwórz dobrze proszę dziękuję",
            "nl": "goedemorgen alsjeblieft goedenavond bedankt",
            "sv": "tack varsågod öppna",
            "fi": "kyllä avaa anteeksi kiitos",
            "cs": "prosím nevím děkuji otevři",
            "sk": "ďakujem neviem",
            "hu": "igen köszönöm szívesen",
            "ro": "bună deschide mulțumesc",
            "tr": "merhaba bilmiyorum evet teşekkürler günaydın",
            "en": "yes please thanks",
        }
    ).items()
    for word in words
}
"""What is said as a sentence of one word, or to a name, and is nobody's name."""
