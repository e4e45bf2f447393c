"""What cannot be both: it is night or noon, slower or faster. In every language of the rules.

A reply that says one of these where its parent says another contradicts it: added to the prompt,
both would stand there.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.words.lexicon import words

EXCLUSIVE: tuple[Mapping[str, frozenset[str]], ...] = (
    {
        "night": words(
            """night, nighttime, midnight, moonlight, nacht, nachts, mondlicht, nuit, noche
            notte, noite, gece, geceleyin"""
        ),
        "noon": words(
            """noon, midday, daylight, by day, mittags, am mittag, bei tag, tagsüber
            tageslicht, à midi, de jour, plein jour, mediodía, de día, mezzogiorno
            di giorno, meio-dia, de dia, gündüz, öğlen"""
        ),
        "dawn": words(
            """dawn, sunrise, in the morning, sonnenaufgang, morgengrauen, aube
            lever du soleil, amanecer, alba, amanhecer, nascer do sol, gün doğumunda
            şafakta"""
        ),
        "dusk": words(
            """dusk, sunset, twilight, golden hour, sonnenuntergang, dämmerung, crépuscule
            coucher du soleil, atardecer, anochecer, tramonto, crepuscolo, entardecer
            pôr do sol, gün batımında"""
        ),
    },
    {
        "spring": words("in spring, springtime, frühling, printemps, primavera, ilkbaharda"),
        "summer": words("summer, sommer, été, verano, estate, verão, yazın"),
        "autumn": words("autumn, in fall, herbst, automne, otoño, autunno, outono, sonbaharda"),
        "winter": words("winter, hiver, invierno, inverno, kışın"),
    },
    {
        "sun": words(
            """sunny, sunshine, clear sky, sonnig, ensoleillé, soleado, soleggiato, ensolarado
            güneşli"""
        ),
        "rain": words(
            """rain, rainy, raining, storm, stormy, thunderstorm, regen, regnerisch, sturm
            pluie, orage, lluvia, tormenta, pioggia, tempesta, chuva, tempestade, yağmur
            yağmurda, fırtına"""
        ),
    },
    {
        "grey": words(
            """black and white, b&w, monochrome, schwarz-weiß, schwarzweiß, noir et blanc
            blanco y negro, bianco e nero, preto e branco, siyah beyaz"""
        ),
        "colour": words(
            """in color, in colour, colorful, colourful, in farbe, bunter, en couleur
            en couleurs, coloré, en color, a colori, a cores, renkli"""
        ),
    },
    {
        "slow": words(
            """slower, slow motion, slow-mo, slowmo, slow it down, slow down, langsamer
            zeitlupe, plus lent, plus lente, au ralenti, ralentis, más lento, más lenta
            más despacio, cámara lenta, più lento, più lenta, al rallentatore, mais lento
            mais lenta, mais devagar, câmera lenta, daha yavaş, ağır çekim, ağır çekimde
            yavaşlat"""
        ),
        "fast": words(
            """faster, quicker, speed it up, speed up, timelapse, time lapse, schneller
            zeitraffer, plus rapide, plus vite, en accéléré, más rápido, más rápida
            più veloce, mais rápido, mais rápida, daha hızlı, hızlandır"""
        ),
    },
    {
        "dark": words(
            """darker, dimmer, dunkler, düsterer, plus sombre, más oscuro, más oscura
            più scuro, più scura, mais escuro, mais escura, daha karanlık"""
        ),
        "bright": words(
            """brighter, lighter, heller, plus clair, plus lumineux, más claro, más brillante
            più chiaro, più luminoso, mais claro, mais brilhante, daha aydınlık
            daha parlak"""
        ),
    },
    {
        "warm": words(
            """warmer, wärmer, plus chaud, más cálido, più caldo, mais quente, daha sıcak"""
        ),
        "cold": words(
            """colder, kälter, kühler, plus froid, más frío, più freddo, mais frio, daha soğuk"""
        ),
    },
    {
        "near": words(
            """closer, zoom in, close-up, close up, näher, näher ran, plus près, zoom avant
            gros plan, más cerca, primer plano, più vicino, primo piano, mais perto
            yakın çekim, yakınlaş"""
        ),
        "far": words(
            """wider, zoom out, wide shot, weiter weg, totale, plus loin, zoom arrière
            plan large, más lejos, plano general, più lontano, mais longe, uzak çekim
            uzaklaş"""
        ),
    },
    {
        "big": words(
            """bigger, larger, größer, plus grand, más grande, più grande, maior, daha büyük"""
        ),
        "small": words(
            """smaller, kleiner, plus petit, más pequeño, più piccolo, menor, daha küçük"""
        ),
    },
    {
        "loud": words("louder, lauter, plus fort, más fuerte, più forte, mais alto"),
        "quiet": words("quieter, leiser, moins fort, más bajo, più piano, mais baixo"),
    },
)
