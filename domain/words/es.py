"""Spanish."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

SPANISH = Lexicon(
    code="es",
    function_words=words(
        """el, la, los, las, lo, un, una, unos, unas, de, del, al, y, o, pero, es, son, está
        a, en, con, sin, por, para, más, menos, muy, demasiado, poco, mucho, no, que, qué
        quién, cuándo, cómo, cuánto, dónde, su, sus, se, le, este, esta, eso, esto, como
        otra, vez, parece, también, todo, todos, aquí, ahí, ahora, ya, solo, tal, quizás
        misma, mismo"""
    ),
    polite=words(
        """por favor, porfa, ahora, pero, y, también, ok, solo, esta vez, y ahora, igual pero
        lo mismo pero, luego, ahora sí, bueno, mejor"""
    ),
    praise=words(
        """genial, perfecto, excelente, muy bien, bien, guay, increíble, precioso, hermoso
        bonito, lindo, qué bonito, qué lindo, qué bueno, qué guay, qué chulo, me encanta
        me gusta, sí, no, ok, vale, bravo, wow, súper, buenísimo, estupendo, fantástico
        está bien, está genial, se ve bien, hola, se ve genial, exacto, claro, de acuerdo
        muy bueno, muy bonito, casi, mucho mejor, mejor así, buen comienzo, chulo
        divertido, listo, dale"""
    ),
    chatter_patterns=(
        r"\bgracias\b|\bja(?:ja)+\b|\bje(?:je)+\b|\blol\b",
        r"\bbuen(?:os|as)? (?:días|tardes|noches|trabajo|fin)\b|\bhasta luego\b|\badiós\b",
        r"\b(?:yo|me|mi|mis|nos|nosotros|nuestro|tú|tu|tus|te|usted|ustedes|vosotros|conmigo)\b",
        r"\b(?:terminado|listo|esperando|espero|aprobado|que ayer|creo|pienso|vamos|voy|estoy)\b",
    ),
    daily_life=words(
        """reunión, cliente, clientes, mañana por la mañana, hoy, ayer, lunes, martes
        miércoles, jueves, viernes, semana, almuerzo, café, oficina, presupuesto, factura
        precio, costó, cuesta, enlace, correo, equipo, jefe, jefa, vacaciones, presentación
        enseño, mando, mañana"""
    ),
    idioms=words(
        """sin problema, sin problemas, sin duda, sin prisa, sin palabras, sin comentarios
        más o menos, más tarde, ni idea, no pasa nada, de nada, sin más, por fin
        otra vez no, nada más"""
    ),
    repeat=words(
        """otra vez, de nuevo, otra, otro, una más, uno más, repite, repítelo, repetir
        otra versión, otra toma, inténtalo de nuevo, hazlo otra vez, hazlo de nuevo
        nueva semilla, otra variante, una vez más"""
    ),
    comparatives=words("más despacio, más cerca, más lejos, ralentiza, acelera"),
    degrees=words(
        """un poco, un poquito, mucho, aún, todavía, bastante, algo, hazlo, hazla, la cámara
        todo"""
    ),
    settings=words(
        """de noche, por la noche, en la noche, de día, por la mañana, por la tarde
        a mediodía, al mediodía, al amanecer, al atardecer, al anochecer
        a la luz de la luna, en la hora dorada, bajo la lluvia, con lluvia, en la nieve
        con nieve, en la niebla, con niebla, al sol, en una tormenta, en primavera
        en verano, en otoño, en invierno, bajo el agua, en el espacio, en el bosque
        en la playa, en el desierto, en la ciudad, en las montañas, en cámara lenta
        a cámara lenta, cámara lenta, cámara rápida, en timelapse, al revés
        en blanco y negro, blanco y negro, en color, en sepia, desde arriba, desde abajo
        desde atrás, de frente, de perfil, de lado, vista aérea, toma aérea, plano general
        primer plano, en primer plano, gran angular, plano secuencia, cámara en mano
        estilo anime, estilo pixar, en acuarela, como dibujo animado, con música, con grano
        acercar, alejar, zoom, luz suave, a contraluz"""
    ),
    amount_patterns=(
        r"(?:un poco |un poquito |mucho |aún |todavía |bastante |algo |con |hazlo |hazla )*"
        r"(?:más|menos)\s+(?:de )?(?P<what>.+)",
    ),
    order_patterns=(
        r"(?:añade|agrega|pon|ponle|muestra|haz|hazle|dale|incluye|mete)\s+(?P<what>.+)",
        r"(?:acerca|aleja|gira|mueve|sigue|enfoca|pinta|ilumina|colorea)\s+(?P<what>.+)",
        r"(?:con|al estilo de|estilo)\s+(?P<what>.+)",
    ),
    visual=words(
        """rojo, roja, azul, verde, amarillo, amarilla, naranja, morado, morada, violeta, rosa
        negro, negra, blanco, blanca, gris, dorado, dorada, color, colores, noche, día
        luna, sol, estrellas, cielo, nubes, lluvia, nieve, niebla, tormenta, viento, rayos
        humo, fuego, agua, mar, olas, río, lago, playa, montaña, montañas, bosque, árbol
        árboles, hojas, flores, hierba, desierto, ciudad, calle, casa, coche, tren, barco
        robot, gente, hombre, mujer, niño, niña, perro, gato, zorro, lobo, pájaro, pájaros
        caballo, dragón, cara, ojos, pelo, bufanda, sombrero, abrigo, gafas, vestido
        corona, cámara, fondo, luz, luces, sombra, sombras, contraste, grano, música
        sonido, ruido, movimiento, detalles, detalle, oscuro, oscura, claro, clara
        brillante, cálido, cálida, frío, fría, suave, nítido, lento, lenta, lentamente
        rápido, rápida, despacio, grande, pequeño, pequeña, cerca, lejos, tranquilo
        dramático, realista, cinematográfico, alegre, triste, izquierda, derecha, arriba
        abajo, corre, corra, salta, vuela, baila, sonríe, energía, logo"""
    ),
    leads=words(
        """en, con, formato, en formato, usa, prueba, prueba con, hazlo, hazlo en, ponlo en
        ahora en, ahora con"""
    ),
    values={
        "vertical": ("aspect_ratio", "9:16"),
        "formato vertical": ("aspect_ratio", "9:16"),
        "horizontal": ("aspect_ratio", "16:9"),
        "apaisado": ("aspect_ratio", "16:9"),
        "cuadrado": ("aspect_ratio", "1:1"),
        "formato cuadrado": ("aspect_ratio", "1:1"),
        "con sonido": ("sound", True),
        "con audio": ("sound", True),
        "sin sonido": ("sound", False),
        "sin audio": ("sound", False),
        "mudo": ("sound", False),
    },
    seconds=words("segundos, segundo, seg"),
    and_words=words("y, pero"),
    pointing=words(
        """así, como esto, con esto, usa esto, usa esta imagen, con esta imagen, esta imagen
        en este estilo, como primer fotograma, esta"""
    ),
    statements=words("es, está, son, era, parece, tiene, funciona"),
    negations=words("sin, no, ni, quita, elimina, borra, vez, lugar"),
    wish_patterns=(r"(?P<what>(?:el|la|los|las|su|sus)\s+.+?\s+(?:debe|deben|debería)\s+.+)",),
    removal_patterns=(
        r"sin\b.*",
        r"(?:quita|quítale|quitar|elimina|eliminar|borra|borrar|saca|sácale)\b.*",
        r"(?:nada de|ningún|ninguna)\b.*",
        r"(?:que )?no \S+(?: \S+){0,4}",
    ),
    replacement_patterns=(
        r".*\b(?:en vez de|en lugar de|reemplaza\w*|sustituye\w*)\b.*",
        r"(?:cambia|convierte) .+ (?:por|en|a) .+",
    ),
    open_ended=words("más largo, más larga, más corto, más corta, un poco más largo"),
    request_patterns=(
        r"¿?\s*(?:puedes|podrías|podemos|se puede|puede)(?: hacerlo| ponerlo)?",
        r"¿?\s*(?:y si|qué tal si|qué tal)(?: fuera)?",
    ),
)
