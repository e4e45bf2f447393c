"""German."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

GERMAN = Lexicon(
    code="de",
    function_words=words(
        """der, die, das, den, dem, des, ein, eine, einen, einem, einer, es, er, sie, ist
        sind, war, und, oder, aber, nicht, kein, keine, keinen, mit, ohne, in, im, am, an
        auf, bei, von, vom, zu, zum, zur, für, aus, wie, was, wann, wer, wo, warum, so
        sehr, noch, mehr, weniger, etwas, bisschen, viel, mal, doch, schon, auch, nur
        jetzt, dann, hier, da, wird, hat, als, dass, wenn, irgendwie, vielleicht, sein
        seine, ihr, ihre, soll, sollte, kann, statt"""
    ),
    polite=words(
        """bitte, jetzt, jetzt bitte, aber, und, dann, mal, noch, auch, ok, nun, bitte noch
        doch, und jetzt, diesmal, jetzt noch, bitte mal, gerne, gern, nur, genauso aber
        gleich aber"""
    ),
    praise=words(
        """super, toll, klasse, schön, sehr schön, wunderschön, perfekt, cool, geil, mega
        stark, ok, okay, gut, sehr gut, prima, genial, ja, nein, jo, jep, genau, passt
        ok passt, top, spitze, gefällt mir, sieht gut aus, sieht super aus, sieht toll aus
        nicht schlecht, wow, krass, hammer, stimmt, klar, alles klar, hallo, hi, moin
        servus, mahlzeit, witzig, süß, lustig, fast, fast perfekt, guter anfang
        viel besser, besser, richtig gut, wahnsinn, hübsch"""
    ),
    chatter_patterns=(
        r"\b(?:danke|dankeschön|vielen dank|merci|thx)\b",
        r"\b(?:ha(?:ha)+|hihi|lol|xd)\b",
        r"\bguten (?:morgen|tag|abend)\b|\bgute nacht\b|\btschüss\b|\bbis (?:später|gleich)\b",
        r"\b(?:ich|mir|mich|mein\w*|wir|uns|unser\w*|du|dir|dich|dein\w*|euch|alle zusammen)\b",
        r"\b(?:fertig|rendert|läuft noch|warte[nt]?|freigegeben|als|übrigens|vergiss)\b",
        r"\b(?:liebe grüße|schönes wochenende|gute arbeit|tolle arbeit)\b",
    ),
    daily_life=words(
        """meeting, kunde, kunden, kundin, termin, mittag, mittagessen, pause, kaffee, morgen
        heute, gestern, montag, dienstag, mittwoch, donnerstag, freitag, wochenende, woche
        chef, chefin, rechnung, budget, kosten, preis, teuer, büro, mail, link, team
        präsentation, urlaub"""
    ),
    idioms=words(
        """kein problem, keine ahnung, kein stress, keine sorge, keine eile, kein ding
        kein plan, ohne worte, ohne scheiß, ohne mist, ohne zweifel, keine frage
        kein kommentar, kein wunder, nicht schon wieder, mach mal pause, mach schneller
        mach hin, mehr oder weniger, keine zeit, kein bock, in ordnung, im grunde, am ende
        auf jeden fall"""
    ),
    repeat=words(
        """nochmal, noch mal, noch einmal, noch eins, noch einer, nochmals, wiederholen
        neu würfeln, neuer versuch, neuer seed, noch eine variante, noch eine version
        erneut, erneut versuchen, probier nochmal, versuch es nochmal, mach nochmal
        mach es nochmal, variante"""
    ),
    comparatives=words(
        """langsamer, schneller, dunkler, heller, wärmer, kälter, kühler, näher, näher ran
        weiter weg, größer, kleiner, ruhiger, lauter, leiser, weicher, schärfer, düsterer
        bunter, farbiger, realistischer, dramatischer, filmischer, fröhlicher, trauriger
        wilder, sanfter, breiter, enger, höher, tiefer, nebliger, sonniger, moderner, älter
        jünger, lebendiger, stärker, verträumter, natürlicher, kräftiger, blasser
        flauschiger, dichter, gruseliger, eleganter"""
    ),
    degrees=words(
        """etwas, ein bisschen, ein wenig, bisschen, viel, deutlich, noch, noch etwas, leicht
        mach es, mach das, mach ihn, mach sie, mach alles, mach's, machs, alles, kamera
        die kamera, bitte, geh, ein stück, ein kleines bisschen, mal"""
    ),
    settings=words(
        """bei nacht, nachts, in der nacht, am abend, abends, am morgen, morgens, am mittag
        mittags, bei tag, tagsüber, bei tageslicht, bei sonnenuntergang, bei sonnenaufgang
        im sonnenuntergang, im sonnenaufgang, in der dämmerung, bei dämmerung
        im morgengrauen, im mondlicht, bei mondschein, im regen, bei regen, im schnee
        im nebel, bei nebel, im sturm, bei sturm, im wind, im frühling, im sommer
        im herbst, im winter, unter wasser, im weltall, im wald, am strand, in der wüste
        in der stadt, in den bergen, in zeitlupe, zeitlupe, im zeitraffer, zeitraffer
        rückwärts, in schwarz-weiß, schwarz-weiß, in schwarzweiß, schwarzweiß
        in schwarz weiß, in farbe, von oben, von unten, von hinten, von vorne, von vorn
        von der seite, aus der vogelperspektive, vogelperspektive
        aus der froschperspektive, drohnenaufnahme, nahaufnahme, großaufnahme, weitwinkel
        totale, als anime, als zeichentrick, als aquarell, im pixar-stil, im anime-stil
        im comic-stil, mit filmkorn, mit musik, mit schnee, mit regen, mit nebel
        reinzoomen, rauszoomen, ranzoomen, schwenk nach links, schwenk nach rechts
        handkamera, goldene stunde, zur goldenen stunde, weiches licht, in pastellfarben"""
    ),
    amount_patterns=(r"(?:etwas |ein bisschen |viel |noch |mit )*(?:mehr|weniger)\s+(?P<what>.+)",),
    order_patterns=(
        r"(?:füge?|fügt)\s+(?P<what>.+)\s+(?:hinzu|ein|dazu)",
        r"(?:mach|mache|macht|lass|lasse|zeig|zeige|gib|setz|setze|färb|färbe|filme?)\s+(?P<what>.+)",
        r"(?:zoom|zoome|schwenk|schwenke|fahr|fahre|folge)\s+(?P<what>.+)",
        r"(?P<what>.+)\s+(?:hinzufügen|einfügen|dazu|zeigen|einbauen)",
        r"(?:mit|im stil von|im stil eines|im stil einer)\s+(?P<what>.+)",
    ),
    visual=words(
        """rot, rote, roten, roter, rotes, blau, blaue, blauen, grün, grüne, grünen, gelb
        gelbe, gelben, lila, violett, rosa, orange, schwarz, schwarze, schwarzen, weiß
        weiße, weißen, grau, braun, golden, goldene, goldenen, bunt, bunte, farbe, farben
        nacht, tag, mond, sonne, sterne, himmel, wolken, regen, schnee, nebel, sturm, wind
        blitze, rauch, feuer, funken, wasser, meer, wellen, fluss, see, strand, berg, berge
        wald, baum, bäume, blätter, blumen, gras, wüste, stadt, straße, haus, häuser, auto
        zug, schiff, roboter, menschen, mann, frau, kind, kinder, hund, katze, fuchs, wolf
        vogel, vögel, pferd, drache, gesicht, augen, haare, hände, schal, hut, mantel
        brille, kleid, krone, kamera, hintergrund, vordergrund, licht, lichter, schatten
        kontrast, sättigung, unschärfe, tiefenschärfe, spiegelungen, musik, ton, geräusche
        bewegung, details, stimmung, dramatik, dunkel, hell, warm, kalt, weich, scharf
        langsam, schnell, langsamer, schneller, dunkler, heller, wärmer, kälter, größer
        kleiner, links, rechts, oben, unten, rennen, rennt, laufen, springen, springt
        fliegen, tanzen, lächeln, energie, logo, text"""
    ),
    leads=words(
        """mach es, mach das, mach's, nimm, mit, in, im, als, auf, nutze, verwende, benutze
        probier, probiere, format, jetzt in, jetzt mit, bitte in, bitte mit, wechsle zu
        in der auflösung"""
    ),
    values={
        "hochformat": ("aspect_ratio", "9:16"),
        "hochkant": ("aspect_ratio", "9:16"),
        "vertikal": ("aspect_ratio", "9:16"),
        "querformat": ("aspect_ratio", "16:9"),
        "quer": ("aspect_ratio", "16:9"),
        "breitbild": ("aspect_ratio", "16:9"),
        "quadratisch": ("aspect_ratio", "1:1"),
        "quadrat": ("aspect_ratio", "1:1"),
        "mit ton": ("sound", True),
        "mit sound": ("sound", True),
        "ohne ton": ("sound", False),
        "ohne sound": ("sound", False),
        "kein ton": ("sound", False),
        "stumm": ("sound", False),
    },
    seconds=words("sekunden, sekunde, sek"),
    and_words=words("und, aber"),
    pointing=words(
        """so, so wie hier, nimm das, nimm dieses bild, mit diesem bild, mit dem bild
        wie hier, dieses bild, in diesem stil, mit diesem, das hier, als erstes bild
        als startbild, beweg das"""
    ),
    statements=words("ist, sind, war, sieht, wirkt, hat, geht, klappt, schaut"),
    negations=words("nicht, kein, keine, keinen, ohne, weg, statt, anstatt, nie"),
    wish_patterns=(r"(?P<what>(?:der|die|das|sein|seine|ihr|ihre)\s+.+?\s+soll(?:te)?\s+.+)",),
    removal_patterns=(
        r"(?:ohne|kein|keine|keinen)\b.*",
        r"(?:entfern|lösch|streich)\w*\b.*",
        r"(?:nimm|lass|mach)\b.*\b(?:weg|raus)",
        r".*\b(?:weg damit|weglassen|rausnehmen|entfernen|löschen)",
        r".*\b(?:soll(?:te)? nicht|nicht mehr|bitte nicht)\b.*",
    ),
    replacement_patterns=(
        r".*\b(?:statt|anstatt|anstelle|ersetz\w*|tausch\w*)\b.*",
        r".*\b(?:nicht .+ sondern)\b.*",
        r"nicht .+",
    ),
    open_ended=words("länger, kürzer, etwas länger, etwas kürzer, mach es länger, mach es kürzer"),
    request_patterns=(
        r"(?:kannst|könntest|könnt|würdest) du(?: bitte| vielleicht| mal)*",
        r"(?:können|könnten) wir(?: bitte| vielleicht| mal)*",
        r"wie wäre es(?: mit)?|geht das(?: auch)?",
    ),
)
