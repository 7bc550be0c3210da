"""The few words the press prints itself, by language. Everything else in a book is the author's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from string import ascii_uppercase
from typing import Literal

Direction = Literal["ltr", "rtl"]

_KEYS = (
    "contents", "notes", "cover", "title page", "imprint", "chapter", "start", "missing", "back to",
    "by", "first published", "edition", "landmarks", "also", "translator's notes", "page-list", "table",
    "continued",
)  # fmt: skip

_TABLE: dict[str, tuple[str, ...]] = {
    "en": (
        "Contents", "Notes", "Cover", "Title page", "Imprint", "Chapter", "Begin reading",
        "The text of this note is missing.", "Back to reference", "by", "First published", "This edition",
        "Landmarks", "and", "Translator’s notes", "List of pages", "Table", "continued",
    ),
    "de": (
        "Inhalt", "Anmerkungen", "Umschlag", "Titelseite", "Impressum", "Kapitel", "Textbeginn",
        "Der Text dieser Anmerkung fehlt.", "Zurück zur Stelle", "von", "Erstveröffentlichung", "Diese Ausgabe",
        "Orientierung", "und", "Anmerkungen des Übersetzers", "Seitenverzeichnis", "Tabelle", "Fortsetzung",
    ),
    "fr": (
        "Table des matières", "Notes", "Couverture", "Page de titre", "Mentions légales", "Chapitre", "Commencer",
        "Le texte de cette note manque.", "Retour à l’appel", "par", "Première publication", "Cette édition",
        "Repères", "et", "Notes du traducteur", "Liste des pages", "Tableau", "suite",
    ),
    "es": (
        "Índice", "Notas", "Cubierta", "Portada", "Créditos", "Capítulo", "Comenzar a leer",
        "Falta el texto de esta nota.", "Volver a la llamada", "por", "Primera publicación", "Esta edición",
        "Referencias", "y", "Notas del traductor", "Lista de páginas", "Tabla", "continuación",
    ),
    "it": (
        "Indice", "Note", "Copertina", "Frontespizio", "Colophon", "Capitolo", "Inizia a leggere",
        "Manca il testo di questa nota.", "Torna al richiamo", "di", "Prima pubblicazione", "Questa edizione",
        "Riferimenti", "e", "Note del traduttore", "Elenco delle pagine", "Tabella", "continua",
    ),
    "nl": (
        "Inhoud", "Noten", "Omslag", "Titelpagina", "Colofon", "Hoofdstuk", "Begin met lezen",
        "De tekst van deze noot ontbreekt.", "Terug naar verwijzing", "door", "Eerste uitgave", "Deze uitgave",
        "Oriëntatie", "en", "Noten van de vertaler", "Lijst van pagina’s", "Tabel", "vervolg",
    ),
    "pt": (
        "Índice", "Notas", "Capa", "Folha de rosto", "Ficha técnica", "Capítulo", "Começar a ler",
        "Falta o texto desta nota.", "Voltar à chamada", "de", "Primeira publicação", "Esta edição",
        "Referências", "e", "Notas do tradutor", "Lista de páginas", "Tabela", "continuação",
    ),
    "pl": (
        "Spis treści", "Przypisy", "Okładka", "Strona tytułowa", "Stopka redakcyjna", "Rozdział", "Początek tekstu",
        "Brak tekstu tego przypisu.", "Powrót do odsyłacza", "", "Pierwsze wydanie", "To wydanie",
        "Nawigacja", "i", "Przypisy tłumacza", "Wykaz stron", "Tabela", "ciąg dalszy",
    ),
    "ru": (
        "Содержание", "Примечания", "Обложка", "Титульный лист", "Выходные данные", "Глава", "Начало текста",
        "Текст этого примечания отсутствует.", "Назад к сноске", "", "Первая публикация", "Это издание",
        "Навигация", "и", "Примечания переводчика", "Список страниц", "Таблица", "продолжение",
    ),
    "el": (
        "Περιεχόμενα", "Σημειώσεις", "Εξώφυλλο", "Σελίδα τίτλου", "Ταυτότητα έκδοσης", "Κεφάλαιο", "Αρχή κειμένου",
        "Το κείμενο αυτής της σημείωσης λείπει.", "Πίσω στην παραπομπή", "", "Πρώτη δημοσίευση", "Αυτή η έκδοση",
        "Πλοήγηση", "και", "Σημειώσεις του μεταφραστή", "Κατάλογος σελίδων", "Πίνακας", "συνέχεια",
    ),
    "he": (
        "תוכן העניינים", "הערות", "כריכה", "שער", "דף זכויות", "פרק", "תחילת הקריאה",
        "נוסח ההערה חסר.", "חזרה להפניה", "מאת", "פרסום ראשון", "מהדורה זו",
        "ציוני דרך", "ו", "הערות המתרגם", "רשימת העמודים", "טבלה", "המשך",
    ),
    "ar": (
        "المحتويات", "الهوامش", "الغلاف", "صفحة العنوان", "بيانات النشر", "الفصل", "بداية القراءة",
        "نص هذا الهامش مفقود.", "العودة إلى الإحالة", "تأليف", "النشر الأول", "هذه الطبعة",
        "معالم الكتاب", "و", "هوامش المترجم", "قائمة الصفحات", "جدول", "تتمة",
    ),
    "zh": (
        "目录", "注释", "封面", "书名页", "版权页", "章", "开始阅读",
        "此注释缺少正文。", "返回注释引用处", "", "首次出版", "本版",
        "导航", "和", "译者注", "页码列表", "表格", "续",
    ),
    "zh-hant": (
        "目錄", "註釋", "封面", "書名頁", "版權頁", "章", "開始閱讀",
        "此註釋缺少正文。", "返回註釋引用處", "", "首次出版", "本版",
        "導覽", "和", "譯者註", "頁碼列表", "表格", "續",
    ),
    "ja": (
        "目次", "注", "表紙", "扉", "奥付", "章", "本文を読む",
        "この注の本文がありません。", "本文に戻る", "", "初版", "本版",
        "ランドマーク", "と", "訳注", "ページ一覧", "表", "続き",
    ),
}  # fmt: skip


def say(key: str, language: str) -> str:
    """Give a word in the book's language (BCP 47), or in English where we do not know that language."""
    return _TABLE[_known(language) or "en"][_KEYS.index(key)]


def _known(language: str) -> str:
    """Give the row of a language; Chinese has two, by the script or the country."""
    first, *rest = language.lower().split("-")
    if first == "zh" and {"hant", "tw", "hk", "mo"} & set(rest):
        return "zh-hant"
    return first if first in _TABLE else ""


_REFERENCES: dict[str, dict[str, str]] = {
    "en": {
        "part": "part~{}", "chapter": "chapter~{}", "appendix": "appendix~{}", "figure": "figure~{}",
        "table": "table~{}", "note": "note~{}", "page": "p.~{}",
        "figures": "List of figures", "tables": "List of tables", "see": "See {}.",
    },
    "de": {
        "part": "Teil~{}", "chapter": "Kapitel~{}", "appendix": "Anhang~{}", "figure": "Abbildung~{}",
        "table": "Tabelle~{}", "note": "Anmerkung~{}", "page": "S.~{}",
        "figures": "Abbildungsverzeichnis", "tables": "Tabellenverzeichnis", "see": "Siehe {}.",
    },
    "fr": {
        "part": "partie~{}", "chapter": "chapitre~{}", "appendix": "annexe~{}", "figure": "figure~{}",
        "table": "tableau~{}", "note": "note~{}", "page": "p.~{}",
        "figures": "Liste des figures", "tables": "Liste des tableaux", "see": "Voir {}.",
    },
    "es": {
        "part": "parte~{}", "chapter": "capítulo~{}", "appendix": "apéndice~{}", "figure": "figura~{}",
        "table": "tabla~{}", "note": "nota~{}", "page": "p.~{}",
        "figures": "Índice de figuras", "tables": "Índice de tablas", "see": "Véase {}.",
    },
    "it": {
        "part": "parte~{}", "chapter": "capitolo~{}", "appendix": "appendice~{}", "figure": "figura~{}",
        "table": "tabella~{}", "note": "nota~{}", "page": "p.~{}",
        "figures": "Indice delle figure", "tables": "Indice delle tabelle", "see": "Vedi {}.",
    },
    "nl": {
        "part": "deel~{}", "chapter": "hoofdstuk~{}", "appendix": "bijlage~{}", "figure": "figuur~{}",
        "table": "tabel~{}", "note": "noot~{}", "page": "p.~{}",
        "figures": "Lijst van figuren", "tables": "Lijst van tabellen", "see": "Zie {}.",
    },
    "pt": {
        "part": "parte~{}", "chapter": "capítulo~{}", "appendix": "apêndice~{}", "figure": "figura~{}",
        "table": "tabela~{}", "note": "nota~{}", "page": "p.~{}",
        "figures": "Lista de figuras", "tables": "Lista de tabelas", "see": "Ver {}.",
    },
    "pl": {
        "part": "cz.~{}", "chapter": "rozdz.~{}", "appendix": "dodatek~{}", "figure": "rys.~{}",
        "table": "tab.~{}", "note": "przyp.~{}", "page": "s.~{}",
        "figures": "Spis rysunków", "tables": "Spis tabel", "see": "Zob. {}.",
    },
    "ru": {
        "part": "ч.~{}", "chapter": "гл.~{}", "appendix": "прил.~{}", "figure": "рис.~{}",
        "table": "табл.~{}", "note": "примеч.~{}", "page": "стр.~{}",
        "figures": "Список рисунков", "tables": "Список таблиц", "see": "См. {}.",
    },
    "el": {
        "part": "μέρος~{}", "chapter": "κεφ.~{}", "appendix": "παράρτημα~{}", "figure": "εικ.~{}",
        "table": "πίν.~{}", "note": "σημ.~{}", "page": "σ.~{}",
        "figures": "Κατάλογος εικόνων", "tables": "Κατάλογος πινάκων", "see": "Βλ. {}.",
    },
    "he": {
        "part": "חלק~{}", "chapter": "פרק~{}", "appendix": "נספח~{}", "figure": "איור~{}",
        "table": "טבלה~{}", "note": "הערה~{}", "page": "עמ׳~{}",
        "figures": "רשימת האיורים", "tables": "רשימת הטבלאות", "see": "ראו {}.",
    },
    "ar": {
        "part": "الجزء~{}", "chapter": "الفصل~{}", "appendix": "الملحق~{}", "figure": "الشكل~{}",
        "table": "الجدول~{}", "note": "الهامش~{}", "page": "ص~{}",
        "figures": "قائمة الأشكال", "tables": "قائمة الجداول", "see": "انظر {}.",
    },
    "zh": {
        "part": "第~{}~部分", "chapter": "第~{}~章", "appendix": "附录~{}", "figure": "图~{}",
        "table": "表~{}", "note": "注~{}", "page": "第~{}~页",
        "figures": "插图目录", "tables": "表格目录", "see": "见{}。",
    },
    "zh-hant": {
        "part": "第~{}~部分", "chapter": "第~{}~章", "appendix": "附錄~{}", "figure": "圖~{}",
        "table": "表~{}", "note": "註~{}", "page": "第~{}~頁",
        "figures": "插圖目錄", "tables": "表格目錄", "see": "見{}。",
    },
    "ja": {
        "part": "第{}部", "chapter": "第{}章", "appendix": "付録{}", "figure": "図{}",
        "table": "表{}", "note": "注{}", "page": "{}ページ",
        "figures": "図目次", "tables": "表目次", "see": "{}を見よ。",
    },
}  # fmt: skip
"""How a text refers to a thing by its number; what lists are called, and what a note says that leads to another.

A `~` is a space at which no line ends. Where the language would bend a whole word („см. главу 3“), its common
abbreviation stands, which bends nowhere.
"""

_NOTES_TO: dict[str, tuple[str, str]] = {
    "en": ("Notes to page {}", "Notes to pages {}"),
    "de": ("Anmerkungen zu Seite {}", "Anmerkungen zu den Seiten {}"),
    "fr": ("Notes de la page {}", "Notes des pages {}"),
    "es": ("Notas de la página {}", "Notas de las páginas {}"),
    "it": ("Note alla pagina {}", "Note alle pagine {}"),
    "nl": ("Noten bij pagina {}", "Noten bij pagina’s {}"),
    "pt": ("Notas da página {}", "Notas das páginas {}"),
    "pl": ("Przypisy do strony {}", "Przypisy do stron {}"),
    "ru": ("Примечания к странице {}", "Примечания к страницам {}"),
    "el": ("Σημειώσεις στη σελίδα {}", "Σημειώσεις στις σελίδες {}"),
    "he": ("הערות לעמוד {}", "הערות לעמודים {}"),
    "ar": ("هوامش الصفحة {}", "هوامش الصفحات {}"),
    "zh": ("第{}页注释", "第{}页注释"),
    "zh-hant": ("第{}頁註釋", "第{}頁註釋"),
    "ja": ("{}ページの注", "{}ページの注"),
}
"""What stands over pages of notes (Chicago Manual of Style, 1.15): for those to one page, and to several."""

_LABELS: dict[str, dict[str, str]] = {
    "pl": {"chapter": "Rozdział~{}", "part": "Część~{}", "figure": "Rysunek~{}", "table": "Tabela~{}"},
    "el": {"chapter": "Κεφάλαιο~{}", "figure": "Εικόνα~{}", "table": "Πίνακας~{}", "note": "Σημείωση~{}"},
    "ru": {"chapter": "Глава~{}", "part": "Часть~{}", "appendix": "Приложение~{}", "table": "Таблица~{}"},
}
"""What stands at the thing itself, where that is not the reference with a capital letter."""

_COLONS = {"fr": "\u00a0: ", "zh": "：", "zh-hant": "：", "ja": "："}
"""A colon with the white round it, where that is not as in English."""

_LETTERS = {
    "el": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
    "ru": "АБВГДЕЖИКЛМНПРСТУФХЦШЩЭЮЯ",
    "he": "אבגדהוזחט",
    "ar": "أبجدهوزحطي",
}
"""The letters that count appendices, where they are not A, B, C (Russian: GOST 2.105, 4.3.8)."""


def refer(kind: str, number: str, language: str) -> str:
    """Name a thing by its number as a text refers to it: `figure 2.1`, `S. 12`; no line ends inside."""
    return _REFERENCES[_known(language) or "en"][kind].replace("~", "\u00a0").format(number)


def list_of(kind: str, language: str) -> str:
    """Give the heading of a list of figures or of tables."""
    return _REFERENCES[_known(language) or "en"][f"{kind}s"]


def notes_to(first: str, last: str, language: str) -> str:
    """Name the pages whose notes stand on a page, by their folios: `Notes to pages 12–18`."""
    one, several = _NOTES_TO[_known(language) or "en"]
    return one.format(first) if first == last else several.format(f"{first}–{last}")


def around(kind: str, language: str) -> tuple[str, str]:
    """Give what stands before and behind the number of a thing in a reference."""
    before, _, behind = refer(kind, "\0", language).partition("\0")
    return before, behind


def see(language: str) -> tuple[str, str]:
    """Give what stands before and behind the name of a note to which another one leads."""
    before, _, behind = _REFERENCES[_known(language) or "en"]["see"].partition("{}")
    return before, behind


def label(kind: str, number: str, language: str) -> str:
    """Name a thing at the thing itself: `Figure 2.1`, `Глава 3`."""
    known = _known(language) or "en"
    own = _LABELS.get(known, {}).get(kind)
    return own.replace("~", "\u00a0").format(number) if own else capital(refer(kind, number, language))


def colon(language: str) -> str:
    """Give what parts a title from its subtitle, with its white."""
    return _COLONS.get(_known(language), ": ")


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def letter(number: int, language: str) -> str:
    """Give the letter that counts appendices, from 1 up: A, B, ...; a figure behind the last one."""
    letters = _LETTERS.get(_known(language), ascii_uppercase)
    return letters[number - 1] if number <= len(letters) else str(number)


_SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "reflowable": "Type size, typeface and colours can be changed.",
        "guided": "Contents and headings lead through the book.",
        "described": "Pictures are described in words.",
        "undescribed": "Some pictures are not described in words.",
        "headed": "Tables have header cells.",
        "unheaded": "Some tables have no header cells.",
        "mathml": "Formulas are written in MathML.",
        "drawn": "Formulas are pictures.",
        "worded": "Each formula is also given as text, in the notation of TeX.",
        "unworded": "Some formulas are not given as text.",
        "pages": "The page numbers of the paged edition are marked.",
        "notes": "Notes are linked with the places that call them, both ways.",
        "moving": "Some pictures move; whether they flash has not been examined.",
    },
    "de": {
        "reflowable": "Schriftgröße, Schriftart und Farben lassen sich ändern.",
        "guided": "Inhaltsverzeichnis und Überschriften führen durch das Buch.",
        "described": "Bilder sind mit Worten beschrieben.",
        "undescribed": "Einige Bilder sind nicht mit Worten beschrieben.",
        "headed": "Tabellen haben Kopfzellen.",
        "unheaded": "Einige Tabellen haben keine Kopfzellen.",
        "mathml": "Formeln sind in MathML geschrieben.",
        "drawn": "Formeln sind Bilder.",
        "worded": "Jede Formel ist auch als Text angegeben, in der Schreibweise von TeX.",
        "unworded": "Einige Formeln sind nicht als Text angegeben.",
        "pages": "Die Seitenzahlen der paginierten Ausgabe sind vermerkt.",
        "notes": "Anmerkungen und die Stellen, zu denen sie gehören, sind in beide Richtungen verknüpft.",
        "moving": "Einige Bilder bewegen sich; ob sie blitzen, ist nicht geprüft.",
    },
    "fr": {
        "reflowable": "La taille, la police et les couleurs du texte peuvent être modifiées.",
        "guided": "La table des matières et les titres guident dans le livre.",
        "described": "Les images sont décrites par un texte.",
        "undescribed": "Certaines images ne sont pas décrites par un texte.",
        "headed": "Les tableaux ont des cellules d’en-tête.",
        "unheaded": "Certains tableaux n’ont pas de cellules d’en-tête.",
        "mathml": "Les formules sont écrites en MathML.",
        "drawn": "Les formules sont des images.",
        "worded": "Chaque formule est aussi donnée sous forme de texte, en notation TeX.",
        "unworded": "Certaines formules ne sont pas données sous forme de texte.",
        "pages": "Les numéros de page de l’édition paginée sont indiqués.",
        "notes": "Les notes et leurs appels sont liés dans les deux sens.",
        "moving": "Certaines images sont animées ; on n’a pas vérifié si elles clignotent.",
    },
    "es": {
        "reflowable": "El tamaño y el tipo de letra y los colores se pueden cambiar.",
        "guided": "El índice y los títulos guían por el libro.",
        "described": "Las imágenes se describen con palabras.",
        "undescribed": "Algunas imágenes no se describen con palabras.",
        "headed": "Las tablas tienen celdas de encabezado.",
        "unheaded": "Algunas tablas no tienen celdas de encabezado.",
        "mathml": "Las fórmulas están escritas en MathML.",
        "drawn": "Las fórmulas son imágenes.",
        "worded": "Cada fórmula se da también como texto, en la notación de TeX.",
        "unworded": "Algunas fórmulas no se dan como texto.",
        "pages": "Están marcados los números de página de la edición paginada.",
        "notes": "Las notas y sus llamadas están enlazadas en ambos sentidos.",
        "moving": "Algunas imágenes se mueven; no se ha comprobado si destellan.",
    },
    "it": {
        "reflowable": "Dimensione, carattere e colori del testo si possono cambiare.",
        "guided": "L’indice e i titoli guidano nel libro.",
        "described": "Le immagini sono descritte a parole.",
        "undescribed": "Alcune immagini non sono descritte a parole.",
        "headed": "Le tabelle hanno celle di intestazione.",
        "unheaded": "Alcune tabelle non hanno celle di intestazione.",
        "mathml": "Le formule sono scritte in MathML.",
        "drawn": "Le formule sono immagini.",
        "worded": "Ogni formula è data anche come testo, nella notazione di TeX.",
        "unworded": "Alcune formule non sono date come testo.",
        "pages": "Sono indicati i numeri di pagina dell’edizione impaginata.",
        "notes": "Le note e i loro richiami sono collegati nei due sensi.",
        "moving": "Alcune immagini si muovono; non è stato verificato se lampeggiano.",
    },
    "nl": {
        "reflowable": "Lettergrootte, lettertype en kleuren zijn aan te passen.",
        "guided": "Inhoudsopgave en koppen wijzen de weg door het boek.",
        "described": "Afbeeldingen zijn in woorden beschreven.",
        "undescribed": "Sommige afbeeldingen zijn niet in woorden beschreven.",
        "headed": "Tabellen hebben kopcellen.",
        "unheaded": "Sommige tabellen hebben geen kopcellen.",
        "mathml": "Formules zijn in MathML geschreven.",
        "drawn": "Formules zijn afbeeldingen.",
        "worded": "Elke formule is ook als tekst gegeven, in de notatie van TeX.",
        "unworded": "Sommige formules zijn niet als tekst gegeven.",
        "pages": "De paginanummers van de gepagineerde uitgave zijn aangegeven.",
        "notes": "Noten en hun verwijzingen zijn in beide richtingen gekoppeld.",
        "moving": "Sommige afbeeldingen bewegen; of ze flitsen, is niet onderzocht.",
    },
    "pt": {
        "reflowable": "O tamanho, o tipo de letra e as cores podem ser alterados.",
        "guided": "O índice e os títulos orientam a leitura.",
        "described": "As imagens são descritas por palavras.",
        "undescribed": "Algumas imagens não são descritas por palavras.",
        "headed": "As tabelas têm células de cabeçalho.",
        "unheaded": "Algumas tabelas não têm células de cabeçalho.",
        "mathml": "As fórmulas estão escritas em MathML.",
        "drawn": "As fórmulas são imagens.",
        "worded": "Cada fórmula é dada também como texto, na notação de TeX.",
        "unworded": "Algumas fórmulas não são dadas como texto.",
        "pages": "Os números de página da edição paginada estão assinalados.",
        "notes": "As notas e as suas chamadas estão ligadas nos dois sentidos.",
        "moving": "Algumas imagens movem-se; não se verificou se piscam.",
    },
    "pl": {
        "reflowable": "Wielkość i krój pisma oraz kolory można zmieniać.",
        "guided": "Spis treści i nagłówki prowadzą przez książkę.",
        "described": "Ilustracje są opisane słowami.",
        "undescribed": "Niektóre ilustracje nie są opisane słowami.",
        "headed": "Tabele mają komórki nagłówkowe.",
        "unheaded": "Niektóre tabele nie mają komórek nagłówkowych.",
        "mathml": "Wzory są zapisane w MathML.",
        "drawn": "Wzory są obrazami.",
        "worded": "Każdy wzór podano także jako tekst, w zapisie TeX.",
        "unworded": "Niektórych wzorów nie podano jako tekstu.",
        "pages": "Zaznaczono numery stron wydania stronicowanego.",
        "notes": "Przypisy i odsyłacze do nich są połączone w obie strony.",
        "moving": "Niektóre ilustracje się poruszają; nie sprawdzono, czy migają.",
    },
    "ru": {
        "reflowable": "Размер шрифта, гарнитуру и цвета можно изменить.",
        "guided": "По книге ведут содержание и заголовки.",
        "described": "Иллюстрации описаны словами.",
        "undescribed": "Некоторые иллюстрации не описаны словами.",
        "headed": "У таблиц есть ячейки заголовков.",
        "unheaded": "У некоторых таблиц нет ячеек заголовков.",
        "mathml": "Формулы записаны в MathML.",
        "drawn": "Формулы даны изображениями.",
        "worded": "Каждая формула дана также текстом, в записи TeX.",
        "unworded": "Некоторые формулы не даны текстом.",
        "pages": "Отмечены номера страниц постраничного издания.",
        "notes": "Примечания и места, к которым они относятся, связаны ссылками в обе стороны.",
        "moving": "Некоторые изображения движутся; мигают ли они, не проверялось.",
    },
    "el": {
        "reflowable": "Το μέγεθος, η γραμματοσειρά και τα χρώματα του κειμένου μπορούν να αλλάξουν.",
        "guided": "Τα περιεχόμενα και οι επικεφαλίδες οδηγούν μέσα στο βιβλίο.",
        "described": "Οι εικόνες περιγράφονται με λόγια.",
        "undescribed": "Ορισμένες εικόνες δεν περιγράφονται με λόγια.",
        "headed": "Οι πίνακες έχουν κελιά κεφαλίδας.",
        "unheaded": "Ορισμένοι πίνακες δεν έχουν κελιά κεφαλίδας.",
        "mathml": "Οι τύποι είναι γραμμένοι σε MathML.",
        "drawn": "Οι τύποι είναι εικόνες.",
        "worded": "Κάθε τύπος δίνεται και ως κείμενο, στη γραφή του TeX.",
        "unworded": "Ορισμένοι τύποι δεν δίνονται ως κείμενο.",
        "pages": "Σημειώνονται οι αριθμοί σελίδων της σελιδοποιημένης έκδοσης.",
        "notes": "Οι σημειώσεις συνδέονται με τα σημεία που παραπέμπουν σε αυτές, και αντίστροφα.",
        "moving": "Ορισμένες εικόνες κινούνται· δεν έχει εξεταστεί αν αναβοσβήνουν.",
    },
    "he": {
        "reflowable": "אפשר לשנות את גודל האותיות, את הגופן ואת הצבעים.",
        "guided": "תוכן העניינים והכותרות מנחים את הקורא בספר.",
        "described": "התמונות מתוארות במילים.",
        "undescribed": "חלק מן התמונות אינן מתוארות במילים.",
        "headed": "בטבלאות יש תאי כותרת.",
        "unheaded": "בחלק מן הטבלאות אין תאי כותרת.",
        "mathml": "הנוסחאות כתובות ב־MathML.",
        "drawn": "הנוסחאות הן תמונות.",
        "worded": "כל נוסחה ניתנת גם כטקסט, בכתיב TeX.",
        "unworded": "חלק מהנוסחאות אינן ניתנות כטקסט.",
        "pages": "מספרי העמודים של המהדורה המעומדת מסומנים.",
        "notes": "ההערות מקושרות למקומות שמפנים אליהן, בשני הכיוונים.",
        "moving": "חלק מן התמונות נעות; לא נבדק אם הן מהבהבות.",
    },
    "ar": {
        "reflowable": "يمكن تغيير حجم الحروف ونوعها والألوان.",
        "guided": "ترشد قائمة المحتويات والعناوين القارئ في الكتاب.",
        "described": "الصور موصوفة بالكلمات.",
        "undescribed": "بعض الصور غير موصوفة بالكلمات.",
        "headed": "للجداول خلايا عناوين.",
        "unheaded": "بعض الجداول بلا خلايا عناوين.",
        "mathml": "المعادلات مكتوبة بلغة MathML.",
        "drawn": "المعادلات صور.",
        "worded": "كل معادلة معطاة أيضًا نصًّا بترميز TeX.",
        "unworded": "بعض المعادلات غير معطاة نصًّا.",
        "pages": "أرقام صفحات الطبعة المرقّمة مبيَّنة.",
        "notes": "الهوامش مرتبطة بمواضع الإحالة إليها في الاتجاهين.",
        "moving": "بعض الصور متحركة، ولم يُفحص ما إذا كانت تومض.",
    },
    "zh": {
        "reflowable": "字号、字体和颜色均可更改。",
        "guided": "目录和标题可供导航。",
        "described": "图片配有文字说明。",
        "undescribed": "部分图片没有文字说明。",
        "headed": "表格设有表头单元格。",
        "unheaded": "部分表格没有表头单元格。",
        "mathml": "公式以 MathML 书写。",
        "drawn": "公式为图片。",
        "worded": "每个公式另以 TeX 记法的文本给出。",
        "unworded": "部分公式没有文本形式。",
        "pages": "标有分页版的页码。",
        "notes": "注释与引用处双向链接。",
        "moving": "部分图片会动；未检查是否闪烁。",
    },
    "zh-hant": {
        "reflowable": "字級、字型和顏色均可更改。",
        "guided": "目錄和標題可供導覽。",
        "described": "圖片附有文字說明。",
        "undescribed": "部分圖片沒有文字說明。",
        "headed": "表格設有表頭儲存格。",
        "unheaded": "部分表格沒有表頭儲存格。",
        "mathml": "公式以 MathML 書寫。",
        "drawn": "公式為圖片。",
        "worded": "每個公式另以 TeX 記法的文字給出。",
        "unworded": "部分公式沒有文字形式。",
        "pages": "標有分頁版的頁碼。",
        "notes": "註釋與引用處雙向連結。",
        "moving": "部分圖片會動；未檢查是否閃爍。",
    },
    "ja": {
        "reflowable": "文字の大きさ、書体、色を変更できます。",
        "guided": "目次と見出しから本文をたどれます。",
        "described": "図版には説明文があります。",
        "undescribed": "説明文のない図版があります。",
        "headed": "表には見出しセルがあります。",
        "unheaded": "見出しセルのない表があります。",
        "mathml": "数式は MathML で書かれています。",
        "drawn": "数式は画像です。",
        "worded": "数式は TeX 表記のテキストでも示されています。",
        "unworded": "一部の数式はテキストで示されていません。",
        "pages": "ページ版のページ番号が示されています。",
        "notes": "注と本文中の参照箇所は相互にリンクしています。",
        "moving": "動く図版があります。点滅するかどうかは確認されていません。",
    },
}  # fmt: skip
"""What an e-book says of its own accessibility."""


def tell(keys: Iterable[str], language: str) -> tuple[str, str]:
    """Give sentences in the book's language, or in English where we do not know that language; and which it is."""
    known = _known(language)
    sentences = _SENTENCES[known or "en"]
    between = "" if known.startswith(("zh", "ja")) else " "
    return between.join(sentences[key] for key in keys), language if known else "en"


_CREDITED = (
    "edt",
    "trl",
    "ill",
    "com",
    "ann",
    "aui",
    "wpr",
    "aft",
    "ctb",
    "pht",
    "ctg",
    "cov",
    "bkd",
    "pfr",
    "prt",
)
_SAME = {
    "red": "edt",
    "art": "ill",
    "cmm": "ann",
    "win": "aui",
    "waw": "aft",
    "wam": "ctb",
    "dsr": "bkd",
    "tyg": "bkd",
}
"""MARC relators for whom the press has words, and those who get the same."""

_CREDITS: dict[str, tuple[str, ...]] = {
    "en": (
        "Edited by {}", "Translated by {}", "Illustrated by {}", "Compiled by {}", "With notes by {}",
        "With an introduction by {}", "With a preface by {}", "With an afterword by {}", "With contributions by {}",
        "Photographs by {}", "Maps by {}", "Cover design by {}", "Book design by {}", "Proofread by {}",
        "Printed by {}",
    ),
    "de": (
        "Herausgegeben von {}", "Übersetzt von {}", "Illustriert von {}", "Zusammengestellt von {}",
        "Mit Anmerkungen von {}", "Mit einer Einleitung von {}", "Mit einem Vorwort von {}",
        "Mit einem Nachwort von {}", "Mit Beiträgen von {}", "Fotografien von {}", "Karten von {}",
        "Umschlaggestaltung: {}", "Buchgestaltung: {}", "Korrektorat: {}", "Druck: {}",
    ),
    "fr": (
        "Édition établie par {}", "Traduit par {}", "Illustré par {}", "Textes réunis par {}", "Annoté par {}",
        "Introduction par {}", "Préface par {}", "Postface par {}", "Contributions~: {}", "Photographies~: {}",
        "Cartes~: {}", "Couverture~: {}", "Conception graphique~: {}", "Relecture~: {}", "Imprimé par {}",
    ),
    "es": (
        "Edición de {}", "Traducción de {}", "Ilustraciones de {}", "Compilación de {}", "Notas de {}",
        "Introducción de {}", "Prólogo de {}", "Epílogo de {}", "Con la colaboración de {}", "Fotografías de {}",
        "Mapas de {}", "Diseño de cubierta: {}", "Diseño del libro: {}", "Corrección: {}", "Impreso por {}",
    ),
    "it": (
        "A cura di {}", "Traduzione di {}", "Illustrazioni di {}", "Testi raccolti da {}", "Note di {}",
        "Introduzione di {}", "Prefazione di {}", "Postfazione di {}", "Con contributi di {}", "Fotografie di {}",
        "Carte di {}", "Copertina: {}", "Progetto grafico: {}", "Correzione di bozze: {}", "Stampato da {}",
    ),
    "nl": (
        "Onder redactie van {}", "Vertaald door {}", "Geïllustreerd door {}", "Samengesteld door {}",
        "Met aantekeningen van {}", "Met een inleiding van {}", "Met een voorwoord van {}",
        "Met een nawoord van {}", "Met bijdragen van {}", "Foto’s van {}", "Kaarten van {}", "Omslagontwerp: {}",
        "Vormgeving: {}", "Correctie: {}", "Gedrukt door {}",
    ),
    "pt": (
        "Edição de {}", "Tradução de {}", "Ilustrações de {}", "Compilação de {}", "Notas de {}",
        "Introdução de {}", "Prefácio de {}", "Posfácio de {}", "Com a colaboração de {}", "Fotografias de {}",
        "Mapas de {}", "Capa: {}", "Projeto gráfico: {}", "Revisão: {}", "Impresso por {}",
    ),
    "pl": (
        "Redakcja: {}", "Przekład: {}", "Ilustracje: {}", "Wybór: {}", "Przypisy: {}", "Wstęp: {}", "Przedmowa: {}",
        "Posłowie: {}", "Współpraca: {}", "Fotografie: {}", "Mapy: {}", "Projekt okładki: {}",
        "Projekt graficzny: {}", "Korekta: {}", "Druk: {}",
    ),
    "ru": (
        "Редакция: {}", "Перевод: {}", "Иллюстрации: {}", "Составление: {}", "Примечания: {}",
        "Вступительная статья: {}", "Предисловие: {}", "Послесловие: {}", "Также участвовали: {}", "Фотографии: {}",
        "Карты: {}", "Обложка: {}", "Оформление: {}", "Корректура: {}", "Печать: {}",
    ),
    "el": (
        "Επιμέλεια: {}", "Μετάφραση: {}", "Εικονογράφηση: {}", "Ανθολόγηση: {}", "Σχόλια: {}", "Εισαγωγή: {}",
        "Πρόλογος: {}", "Επίμετρο: {}", "Συνεργασία: {}", "Φωτογραφίες: {}", "Χάρτες: {}", "Σχεδιασμός εξωφύλλου: {}",
        "Σχεδιασμός βιβλίου: {}", "Τυπογραφική διόρθωση: {}", "Εκτύπωση: {}",
    ),
    "he": (
        "עריכה: {}", "תרגום: {}", "איורים: {}", "ליקוט: {}", "הערות: {}", "מבוא: {}", "הקדמה: {}", "אחרית דבר: {}",
        "בהשתתפות: {}", "צילומים: {}", "מפות: {}", "עיצוב הכריכה: {}", "עיצוב הספר: {}", "הגהה: {}", "דפוס: {}",
    ),
    "ar": (
        "تحرير: {}", "ترجمة: {}", "رسوم: {}", "جمع: {}", "تعليقات: {}", "مقدمة: {}", "تقديم: {}", "خاتمة: {}",
        "بمشاركة: {}", "تصوير: {}", "خرائط: {}", "تصميم الغلاف: {}", "تصميم الكتاب: {}", "تدقيق: {}", "طباعة: {}",
    ),
    "zh": (
        "{} 编", "{} 译", "{} 绘", "{} 选编", "{} 注", "导言：{}", "序：{}", "后记：{}", "参与撰稿：{}", "摄影：{}",
        "地图：{}", "封面设计：{}", "书籍设计：{}", "校对：{}", "印刷：{}",
    ),
    "zh-hant": (
        "{} 編", "{} 譯", "{} 繪", "{} 選編", "{} 註", "導言：{}", "序：{}", "後記：{}", "參與撰稿：{}", "攝影：{}",
        "地圖：{}", "封面設計：{}", "書籍設計：{}", "校對：{}", "印刷：{}",
    ),
    "ja": (
        "{} 編", "{} 訳", "{} 絵", "{} 編纂", "{} 注", "序論：{}", "序文：{}", "あとがき：{}", "寄稿：{}",
        "写真：{}", "地図：{}", "カバーデザイン：{}", "ブックデザイン：{}", "校正：{}", "印刷：{}",
    ),
}  # fmt: skip
"""How title page and imprint name people by what they did. Where a name would have to bend („Перевёл кто?“, „przez
kogo?“), or a word to agree with it, the work stands before a colon."""

_MADE_KEYS = ("printing", "set in", "set with", "print")
_MADE: dict[str, tuple[str, ...]] = {
    "en": (
        "Printing {}", "Set in {}", "Typeset with {}", "print",
    ),
    "de": (
        "{}. Druck", "Gesetzt aus der {}", "Satz: {}", "gedruckt",
    ),
    "fr": (
        "Tirage~: {}", "Composé en {}", "Mise en pages~: {}", "papier",
    ),
    "es": (
        "Impresión: {}", "Compuesto en {}", "Maquetación: {}", "papel",
    ),
    "it": (
        "Tiratura: {}", "Composto in {}", "Impaginazione: {}", "a stampa",
    ),
    "nl": (
        "Druk: {}", "Gezet uit de {}", "Opmaak: {}", "gedrukt",
    ),
    "pt": (
        "Tiragem: {}", "Composto em {}", "Paginação: {}", "impresso",
    ),
    "pl": (
        "Nakład: {}", "Pismo: {}", "Skład: {}", "druk",
    ),
    "ru": (
        "Тиснение: {}", "Гарнитура: {}", "Вёрстка: {}", "печатное издание",
    ),
    "el": (
        "Εκτύπωση: {}", "Γραμματοσειρά: {}", "Σελιδοποίηση: {}", "έντυπη έκδοση",
    ),
    "he": (
        "הדפסה: {}", "גופן: {}", "עימוד: {}", "מודפס",
    ),
    "ar": (
        "الطبعة رقم: {}", "الخط: {}", "الصف والإخراج: {}", "مطبوع",
    ),
    "zh": (
        "第 {} 次印刷", "字体：{}", "排版：{}", "纸质书",
    ),
    "zh-hant": (
        "第 {} 次印刷", "字體：{}", "排版：{}", "紙本",
    ),
    "ja": (
        "第{}刷", "書体：{}", "組版：{}", "紙版",
    ),
}  # fmt: skip
"""What imprint and colophon say of how a book was made; `print` is the edition on paper in a list of ISBNs."""


def credit(role: str, names: Sequence[str], language: str) -> str:
    """Say what people did: `Translated by A and B`; "" for a role (a MARC relator) that is not printed."""
    role = _SAME.get(role, role)
    if role not in _CREDITED:
        return ""
    words = _CREDITS[_known(language) or "en"][_CREDITED.index(role)]
    return words.replace("~", "\u00a0").format(enumerated(names, language))


def made(key: str, language: str, what: str = "") -> str:
    """Say something of how the book was made: `Set in Source Serif Pro`."""
    words = _MADE[_known(language) or "en"][_MADE_KEYS.index(key)]
    return words.replace("~", "\u00a0").format(what)


def enumerated(names: Sequence[str], language: str) -> str:
    """Name several: `A, B and C`."""
    if len(names) < 2:
        return "".join(names)
    if _known(language).startswith(("zh", "ja")):
        return "、".join(names)
    also = say("also", language)
    return f"{', '.join(names[:-1])} {also}{'' if _known(language) in ('ar', 'he') else ' '}{names[-1]}"


_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ps sd syr ug ur yi".split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg syrc thaa".split())


def direction(language: str) -> Direction:
    """Give the direction in which a language (BCP 47) is written, by its script where the code names one."""
    first, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    right = script in _RIGHT_TO_LEFT_SCRIPTS if script else first in _RIGHT_TO_LEFT
    return "rtl" if right else "ltr"
