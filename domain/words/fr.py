"""French."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

FRENCH = Lexicon(
    code="fr",
    function_words=words(
        """le, la, les, l'air, un, une, des, du, de, d'un, d'une, et, ou, mais, il, elle, ils
        ce, ça, c'est, est, sont, a, au, aux, à, en, dans, sur, sous, avec, sans, pour, par
        plus, moins, très, trop, peu, pas, ne, que, qui, quoi, quand, comment, combien, où
        son, sa, ses, se, encore, aussi, bien, tout, tous, cette, comme, peut-être, ici, là
        maintenant, place"""
    ),
    polite=words(
        """s'il te plaît, s'il te plait, s'il vous plaît, stp, svp, maintenant, mais, et, puis
        aussi, ok, juste, cette fois, et maintenant, pareil mais, la même mais, alors
        allez, plutôt"""
    ),
    praise=words(
        """super, génial, parfait, magnifique, très bien, trop bien, bien, cool, bravo, top
        joli, beau, très beau, excellent, oui, non, ok, d'accord, wow, pas mal, sympa
        incroyable, nickel, chouette, bien joué, j'adore, j'aime, c'est magnifique
        c'est parfait, c'est super, c'est génial, salut, c'est beau, c'est bien, trop beau
        ouais, voilà, exactement, presque, beaucoup mieux, mieux, bon début, drôle
        trop drôle, mignon, trop mignon, énorme, carrément, bof"""
    ),
    chatter_patterns=(
        r"\bmerci\b|\bmdr\b|\bptdr\b|\blol\b|\bha(?:ha)+\b|\bhi(?:hi)+\b",
        r"\b(?:bonjour|bonsoir|bonne (?:journée|soirée|nuit)|coucou|à (?:demain|plus|tout))\b",
        r"\b(?:je|moi|mon|ma|mes|nous|notre|nos|vous|votre|vos|toi|ton(?! orangé)|tes|on)\b",
        r"\bj'|\btu\b(?! peux| pourrais)|\bt'",
        r"\b(?:rendu|prêt|fini|terminé|attend\w*|validé|approuvé|que prévu|tout le monde)\b",
    ),
    daily_life=words(
        """réunion, client, clients, cliente, demain, aujourd'hui, hier, lundi, mardi
        mercredi, jeudi, vendredi, week-end, semaine, déjeuner, café, bureau, budget
        facture, prix, coûte, coût, lien, mail, équipe, chef, patron, vacances, pause
        présentation"""
    ),
    idioms=words(
        """sans doute, pas mal, sans problème, pas de problème, pas de souci, sans souci
        pas grave, pas sûr, pas encore, sans commentaire, sans rire, pas du tout
        plus ou moins, plus tard, pas de quoi, pas vrai, pas faux, pas question, sans façon
        sans plus, en effet, encore lui"""
    ),
    repeat=words(
        """encore, encore une fois, encore un, encore une, refais, refais-le, recommence
        à nouveau, de nouveau, une autre, un autre, réessaie, réessayer, relance
        une autre version, une autre variante, nouvelle graine, autre version"""
    ),
    comparatives=words("ralentis, accélère, ralentir, accélérer, plus près, plus loin"),
    degrees=words(
        """un peu, un petit peu, beaucoup, encore, bien, légèrement, rends-le, rends-la
        fais-le, la caméra, caméra, le tout, tout"""
    ),
    settings=words(
        """la nuit, de nuit, en pleine nuit, le soir, le matin, à midi, de jour, en plein jour
        à l'aube, au crépuscule, au coucher du soleil, au lever du soleil, au clair de lune
        à l'heure dorée, sous la pluie, sous la neige, dans la neige, dans le brouillard
        dans la brume, au soleil, sous l'orage, au printemps, en été, en automne, en hiver
        sous l'eau, dans l'espace, dans la forêt, à la plage, sur la plage, dans le désert
        en ville, à la montagne, au ralenti, en accéléré, en timelapse, à l'envers
        en noir et blanc, noir et blanc, en couleur, en couleurs, en sépia, vu d'en haut
        vue d'en haut, d'en haut, vu du ciel, vue aérienne, d'en bas, de dos, de face
        de côté, de profil, gros plan, en gros plan, plan large, en plan large, grand angle
        plan séquence, caméra à l'épaule, travelling, zoom avant, zoom arrière
        panoramique à gauche, panoramique à droite, style anime, en dessin animé
        style pixar, en aquarelle, à l'aquarelle, avec du grain, avec de la musique
        avec de la neige, avec de la pluie, avec du brouillard, lumière douce, contre-jour"""
    ),
    amount_patterns=(
        r"(?:un peu |un petit peu |beaucoup |encore |bien |avec |légèrement )*"
        r"(?:plus|moins)\s+(?:de |d'|du )?(?P<what>.+)",
    ),
    order_patterns=(
        r"(?:ajoute[rz]?|rajoute[rz]?|mets|met|mettez|montre[rz]?|rends|rendre|rendez|fais|faites)\s+"
        r"(?P<what>.+)",
        r"(?:zoome[rz]?|tourne[rz]?|suis|suivre|colore|éclaire|filme)\s+(?P<what>.+)",
        r"(?:avec|dans le style de|dans le style d'|style)\s*(?P<what>.+)",
    ),
    visual=words(
        """rouge, rouges, bleu, bleue, vert, verte, jaune, orange, violet, violette, rose
        noir, noire, blanc, blanche, gris, grise, doré, dorée, couleur, couleurs, nuit
        jour, lune, soleil, étoiles, ciel, nuages, pluie, neige, brouillard, brume, orage
        vent, éclairs, fumée, feu, eau, mer, vagues, rivière, lac, plage, montagne
        montagnes, forêt, arbre, arbres, feuilles, fleurs, herbe, désert, ville, rue
        maison, voiture, train, bateau, robot, gens, homme, femme, enfant, chien, chat
        renard, loup, oiseau, oiseaux, cheval, dragon, visage, yeux, cheveux, écharpe
        chapeau, manteau, lunettes, robe, couronne, caméra, fond, arrière-plan, lumière
        lumières, ombre, ombres, contraste, grain, flou, reflets, musique, son, bruit
        mouvement, détails, sombre, clair, claire, lumineux, lumineuse, chaud, chaude
        froid, froide, doux, douce, net, lent, lente, lentement, rapide, vite, rapidement
        grand, grande, petit, petite, gros, proche, large, calme, dramatique, réaliste
        cinématographique, joyeux, triste, onirique, coloré, gauche, droite, haut, bas
        court, courir, courant, saute, vole, danse, sourit, énergie, logo"""
    ),
    leads=words(
        """en, avec, au, format, fais-le en, mets-le en, utilise, essaie, essaie avec
        passe en, en format, au format, rends-le, maintenant en, maintenant avec"""
    ),
    values={
        "vertical": ("aspect_ratio", "9:16"),
        "format vertical": ("aspect_ratio", "9:16"),
        "verticale": ("aspect_ratio", "9:16"),
        "format portrait": ("aspect_ratio", "9:16"),
        "format paysage": ("aspect_ratio", "16:9"),
        "horizontal": ("aspect_ratio", "16:9"),
        "carré": ("aspect_ratio", "1:1"),
        "format carré": ("aspect_ratio", "1:1"),
        "avec du son": ("sound", True),
        "avec le son": ("sound", True),
        "avec son": ("sound", True),
        "sans son": ("sound", False),
        "sans le son": ("sound", False),
        "muet": ("sound", False),
    },
    seconds=words("secondes, seconde"),
    and_words=words("et, mais"),
    pointing=words(
        """comme ça, avec ça, utilise ça, avec cette image, utilise cette image, cette image
        dans ce style, comme première image, celle-ci"""
    ),
    statements=words("est, sont, était, a, semble, marche"),
    negations=words("sans, pas, ne, ni, enlève, retire, supprime, lieu, place, plutôt"),
    wish_patterns=(r"(?P<what>(?:le|la|les|son|sa|ses)\s+.+?\s+(?:doit|doivent|devrait)\s+.+)",),
    removal_patterns=(
        r"sans\b.*",
        r"(?:enlève|enlever|enlevez|retire|retirer|supprime|supprimer|efface|vire|ôte)\b.*",
        r"(?:pas de|pas d'|plus de texte|aucun|aucune)\b.*",
        r"ne .+ pas\b.*",
    ),
    replacement_patterns=(
        r".*\b(?:à la place|au lieu|plutôt que|remplace\w*|échange\w*)\b.*",
        r"(?:change|transforme) .+ en .+",
        r"pas un .+ mais .+",
    ),
    open_ended=words("plus long, plus longue, plus court, plus courte, un peu plus long"),
    request_patterns=(
        r"(?:tu peux|peux-tu|tu pourrais|pourrais-tu|vous pouvez|pouvez-vous|on peut)(?: le| la)?",
        r"(?:et )?si (?:on|c'était|il)|c'est possible (?:de|d')",
    ),
)
