"""The few words the press prints itself, by language. Everything else in a book is the author's."""

from __future__ import annotations

from typing import Literal

Direction = Literal["ltr", "rtl"]

_KEYS = (
    "contents", "notes", "cover", "title page", "imprint", "chapter", "start", "missing", "back to",
    "by", "first published", "edition", "landmarks", "also", "translator's notes", "page-list",
)  # fmt: skip

_TABLE: dict[str, tuple[str, ...]] = {
    "en": (
        "Contents", "Notes", "Cover", "Title page", "Imprint", "Chapter", "Begin reading",
        "The text of this note is missing.", "Back to reference", "by", "First published", "This edition",
        "Landmarks", "and", "Translator’s notes", "List of pages",
    ),
    "de": (
        "Inhalt", "Anmerkungen", "Umschlag", "Titelseite", "Impressum", "Kapitel", "Textbeginn",
        "Der Text dieser Anmerkung fehlt.", "Zurück zur Stelle", "von", "Erstveröffentlichung", "Diese Ausgabe",
        "Orientierung", "und", "Anmerkungen des Übersetzers", "Seitenverzeichnis",
    ),
    "fr": (
        "Table des matières", "Notes", "Couverture", "Page de titre", "Mentions légales", "Chapitre", "Commencer",
        "Le texte de cette note manque.", "Retour à l’appel", "par", "Première publication", "Cette édition",
        "Repères", "et", "Notes du traducteur", "Liste des pages",
    ),
    "es": (
        "Índice", "Notas", "Cubierta", "Portada", "Créditos", "Capítulo", "Comenzar a leer",
        "Falta el texto de esta nota.", "Volver a la llamada", "por", "Primera publicación", "Esta edición",
        "Referencias", "y", "Notas del traductor", "Lista de páginas",
    ),
    "it": (
        "Indice", "Note", "Copertina", "Frontespizio", "Colophon", "Capitolo", "Inizia a leggere",
        "Manca il testo di questa nota.", "Torna al richiamo", "di", "Prima pubblicazione", "Questa edizione",
        "Riferimenti", "e", "Note del traduttore", "Elenco delle pagine",
    ),
    "nl": (
        "Inhoud", "Noten", "Omslag", "Titelpagina", "Colofon", "Hoofdstuk", "Begin met lezen",
        "De tekst van deze noot ontbreekt.", "Terug naar verwijzing", "door", "Eerste uitgave", "Deze uitgave",
        "Oriëntatie", "en", "Noten van de vertaler", "Lijst van pagina’s",
    ),
    "pt": (
        "Índice", "Notas", "Capa", "Folha de rosto", "Ficha técnica", "Capítulo", "Começar a ler",
        "Falta o texto desta nota.", "Voltar à chamada", "de", "Primeira publicação", "Esta edição",
        "Referências", "e", "Notas do tradutor", "Lista de páginas",
    ),
    "pl": (
        "Spis treści", "Przypisy", "Okładka", "Strona tytułowa", "Stopka redakcyjna", "Rozdział", "Początek tekstu",
        "Brak tekstu tego przypisu.", "Powrót do odsyłacza", "", "Pierwsze wydanie", "To wydanie",
        "Nawigacja", "i", "Przypisy tłumacza", "Wykaz stron",
    ),
    "ru": (
        "Содержание", "Примечания", "Обложка", "Титульный лист", "Выходные данные", "Глава", "Начало текста",
        "Текст этого примечания отсутствует.", "Назад к сноске", "", "Первая публикация", "Это издание",
        "Навигация", "и", "Примечания переводчика", "Список страниц",
    ),
}  # fmt: skip


def say(key: str, language: str) -> str:
    """Give a word in the book's language (BCP 47), or in English where we do not know that language."""
    words = _TABLE.get(language.split("-", maxsplit=1)[0].lower(), _TABLE["en"])
    return words[_KEYS.index(key)]


_RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ps sd syr ug ur yi".split())
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab aran hebr mand nkoo rohg syrc thaa".split())


def direction(language: str) -> Direction:
    """Give the direction in which a language (BCP 47) is written, by its script where the code names one."""
    first, *rest = language.lower().split("-")
    script = next((part for part in rest if len(part) == 4 and part.isalpha()), "")
    right = script in _RIGHT_TO_LEFT_SCRIPTS if script else first in _RIGHT_TO_LEFT
    return "rtl" if right else "ltr"
