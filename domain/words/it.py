"""Italian."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

ITALIAN = Lexicon(
    code="it",
    function_words=words(
        """il, lo, la, i, gli, le, un, uno, una, di, del, della, dei, al, alla, e, o, ma, è
        sono, a, in, con, senza, per, più, meno, molto, troppo, poco, po', non, che, chi
        quando, come, quanto, dove, suo, sua, si, questo, questa, ancora, anche, tutto
        tutti, qui, ora, adesso, sembra, sotto"""
    ),
    polite=words(
        """per favore, perfavore, ora, adesso, ma, e, anche, ok, solo, questa volta, uguale ma"""
    ),
    praise=words(
        """bello, bella, bellissimo, che bello, che bella, perfetto, ottimo, bravo, bravi
        fantastico, stupendo, molto bene, bene, sì, no, ok, va bene, wow, mi piace, adoro
        grande, fico, figo, meraviglioso, ciao, esatto, certo, d'accordo, quasi
        molto meglio, meglio, carino, divertente"""
    ),
    chatter_patterns=(
        r"\bgrazie\b|\ba?(?:ha){2,}h?\b|\blol\b",
        r"\b(?:buongiorno|buonasera|buonanotte|buon lavoro|a domani|a dopo)\b",
        r"\b(?:io|mi|mio|mia|noi|ci|nostro|tu|tuo|tua|ti|voi|vi|ragazzi)\b",
        r"\b(?:pronto|finito|aspetto|aspettiamo|approvato|mostro|mando|penso|credo)\b",
    ),
    daily_life=words(
        """riunione, cliente, clienti, domani, oggi, ieri, lunedì, martedì, mercoledì, giovedì
        venerdì, settimana, pranzo, caffè, ufficio, budget, fattura, prezzo, costa, costo
        link, mail, capo"""
    ),
    idioms=words(
        """senza problemi, senza dubbio, senza fretta, più o meno, più tardi, non importa
        di niente, ancora no"""
    ),
    repeat=words(
        """ancora, ancora una volta, di nuovo, un'altra, un altro, un'altra volta, rifallo
        rifai, riprova, ripeti"""
    ),
    comparatives=words("più vicino, più lontano, rallenta, accelera"),
    degrees=words("un po', un poco, molto, ancora, leggermente, fallo, falla, tutto, la camera"),
    settings=words(
        """di notte, di giorno, di sera, la sera, al mattino, a mezzogiorno, all'alba
        al tramonto, al crepuscolo, al chiaro di luna, sotto la pioggia, con la pioggia
        nella neve, nella nebbia, al sole, in primavera, in estate, d'estate, in autunno
        in inverno, d'inverno, sott'acqua, nello spazio, nella foresta, nel bosco
        in spiaggia, nel deserto, in città, in montagna, al rallentatore, al ralenti
        in timelapse, in bianco e nero, bianco e nero, a colori, in seppia, dall'alto
        dal basso, da dietro, di fronte, di profilo, primo piano, in primo piano
        campo lungo, grandangolo, vista aerea, stile anime, stile pixar, ad acquerello
        con musica, zoom avanti, zoom indietro, luce morbida, in controluce"""
    ),
    amount_patterns=(
        r"(?:un po' |un poco |molto |ancora |leggermente |con |fallo |falla )*"
        r"(?:più|meno)\s+(?P<what>.+)",
    ),
    order_patterns=(
        r"(?:aggiungi|metti|mostra|fai|rendi|inserisci|dai)\s+(?P<what>.+)",
        r"(?:zooma|muovi|gira|segui|illumina|colora)\s+(?P<what>.+)",
        r"(?:con|nello stile di|stile)\s+(?P<what>.+)",
    ),
    visual=words(
        """rosso, rossa, blu, verde, giallo, gialla, arancione, viola, rosa, nero, nera
        bianco, bianca, grigio, dorato, dorata, colore, colori, notte, giorno, luna, sole
        stelle, cielo, nuvole, pioggia, neve, nebbia, tempesta, vento, fumo, fuoco, acqua
        mare, onde, fiume, lago, spiaggia, montagna, montagne, foresta, bosco, albero
        alberi, foglie, fiori, erba, deserto, città, strada, casa, macchina, treno, barca
        robot, gente, uomo, donna, bambino, cane, gatto, volpe, lupo, uccello, uccelli
        cavallo, drago, viso, occhi, capelli, sciarpa, cappello, cappotto, occhiali
        vestito, corona, camera, sfondo, luce, luci, ombra, ombre, contrasto, grana, musica
        suono, movimento, dettagli, scuro, scura, chiaro, chiara, luminoso, caldo, calda
        freddo, morbido, nitido, lento, lenta, lentamente, veloce, grande, piccolo, piccola
        vicino, calmo, drammatico, realistico, cinematografico, allegro, triste, sinistra
        destra, corre, salta, vola, balla, logo"""
    ),
    leads=words(
        """in, con, formato, in formato, usa, prova, prova con, fallo, fallo in, adesso in
        ora in"""
    ),
    values={
        "verticale": ("aspect_ratio", "9:16"),
        "formato verticale": ("aspect_ratio", "9:16"),
        "orizzontale": ("aspect_ratio", "16:9"),
        "quadrato": ("aspect_ratio", "1:1"),
        "formato quadrato": ("aspect_ratio", "1:1"),
        "con audio": ("sound", True),
        "con suono": ("sound", True),
        "senza audio": ("sound", False),
        "senza suono": ("sound", False),
        "muto": ("sound", False),
    },
    seconds=words("secondi, secondo, sec"),
    and_words=words("e, ma"),
    pointing=words(
        """così, come questo, con questo, usa questo, usa questa immagine, con questa immagine
        questa immagine, in questo stile"""
    ),
    statements=words("è, sono, era, sembra, ha, funziona"),
    negations=words("senza, non, niente, togli, rimuovi, invece, posto"),
    removal_patterns=(
        r"(?:senza|niente|nessun\w*)\b.*",
        r"(?:togli|toglie|togliere|rimuovi|rimuovere|elimina|cancella|leva)\b.*",
        r"non \S+(?: \S+){0,4}",
    ),
    replacement_patterns=(
        r".*\b(?:invece di|invece del\w*|al posto|sostituisci\w*)\b.*",
        r"(?:cambia|trasforma) .+ (?:in|con) .+",
    ),
    open_ended=words("più lungo, più lunga, più corto, più corta, un po' più lungo"),
    request_patterns=(
        r"(?:puoi|potresti|possiamo|si può)(?: farlo| metterlo)?",
        r"(?:e )?se fosse",
    ),
)
