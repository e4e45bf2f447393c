"""Portuguese."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

PORTUGUESE = Lexicon(
    code="pt",
    function_words=words(
        """o, a, os, as, um, uma, uns, umas, de, do, da, dos, das, no, na, nos, nas, ao, à, e
        ou, mas, é, são, está, em, com, sem, por, para, mais, menos, muito, demais, pouco
        não, que, quem, quando, como, quanto, onde, seu, sua, se, este, esta, isso, isto
        parece, também, tudo, todos, aqui, agora"""
    ),
    polite=words("por favor, pf, agora, mas, e, também, ok, só, desta vez, igual mas"),
    praise=words(
        """legal, ótimo, perfeito, lindo, linda, que lindo, que linda, muito bom, muito bem
        bom, incrível, maravilhoso, adorei, amei, gostei, sim, não, ok, tá bom, show, massa
        bravo, wow, top, olá, oi, exato, claro, beleza, quase, muito melhor, melhor, fofo
        engraçado, fixe, que fixe, bonito"""
    ),
    chatter_patterns=(
        r"\bobrigad[oa]\b|\bvaleu\b|\bk{3,}\b|\b(?:ha){2,}\b|\brs(?:rs)+\b|\blol\b",
        r"\b(?:bom dia|boa (?:tarde|noite)|até (?:logo|amanhã)|tchau)\b",
        r"\b(?:eu|me|meu|minha|nós|nosso|nossa|a gente|você|vocês|te|teu|tua|pessoal|galera)\b",
        r"\b(?:pronto|terminou|esperando|aprovado|mostro|vou|acho|penso|estou)\b",
    ),
    daily_life=words(
        """reunião, cliente, clientes, amanhã, hoje, ontem, segunda-feira, terça-feira
        quarta-feira, quinta-feira, sexta-feira, semana, almoço, café, escritório
        orçamento, fatura, preço, custou, custa, link, e-mail, chefe, férias"""
    ),
    idioms=words(
        """sem problema, sem problemas, sem dúvida, sem pressa, sem palavras, mais ou menos
        mais tarde, de nada"""
    ),
    repeat=words(
        """de novo, outra vez, novamente, mais uma, mais uma vez, mais um, outra, outro
        repete, repita, refaz, refaça, tenta de novo, outra versão"""
    ),
    comparatives=words("mais devagar, mais perto, mais longe, acelera, acelere"),
    degrees=words(
        """um pouco, um pouquinho, muito, ainda, bem, faz, faça, deixa, deixe, tudo, a câmera"""
    ),
    settings=words(
        """à noite, de noite, de dia, de manhã, à tarde, ao meio-dia, ao amanhecer
        ao entardecer, ao pôr do sol, no pôr do sol, ao nascer do sol, ao luar, na chuva
        sob a chuva, na neve, na neblina, no nevoeiro, ao sol, na primavera, no verão
        no outono, no inverno, debaixo d'água, no espaço, na floresta, na praia, no deserto
        na cidade, nas montanhas, em câmera lenta, em câmara lenta, câmera lenta
        em timelapse, em preto e branco, preto e branco, a cores, em sépia, de cima
        visto de cima, de baixo, de trás, de frente, de perfil, close, primeiro plano
        plano aberto, vista aérea, estilo anime, estilo pixar, em aquarela, com música
        luz suave"""
    ),
    amount_patterns=(
        r"(?:um pouco |um pouquinho |muito |ainda |bem |com )*"
        r"(?:mais|menos)\s+(?:de )?(?P<what>.+)",
    ),
    order_patterns=(
        r"(?:adicione|adiciona|acrescente|acrescenta|coloque|coloca|põe|mostre|mostra|faça|faz|deixe|deixa)"
        r"\s+(?P<what>.+)",
        r"(?:aproxime|afaste|gire|mova|siga|ilumine|pinte)\s+(?P<what>.+)",
        r"(?:com|no estilo de|estilo)\s+(?P<what>.+)",
    ),
    visual=words(
        """vermelho, vermelha, azul, verde, amarelo, amarela, laranja, roxo, roxa, rosa, preto
        preta, branco, branca, cinza, dourado, dourada, cor, cores, noite, dia, lua, sol
        estrelas, céu, nuvens, chuva, neve, neblina, tempestade, vento, fumaça, fogo, água
        mar, ondas, rio, lago, praia, montanha, montanhas, floresta, árvore, árvores
        folhas, flores, grama, deserto, cidade, rua, casa, carro, trem, barco, robô
        pessoas, homem, mulher, criança, cachorro, gato, raposa, lobo, pássaro, pássaros
        cavalo, dragão, rosto, olhos, cabelo, cachecol, chapéu, casaco, óculos, vestido
        coroa, câmera, fundo, luz, luzes, sombra, sombras, contraste, grão, música, som
        movimento, detalhes, escuro, escura, claro, clara, brilhante, quente, frio, fria
        suave, nítido, lento, lenta, devagar, rápido, rápida, grande, pequeno, pequena
        perto, calmo, dramático, realista, cinematográfico, alegre, triste, esquerda
        direita, corre, pula, voa, dança, logo"""
    ),
    leads=words(
        """em, com, no, formato, no formato, em formato, usa, use, tenta com, tente com
        agora em, agora com, faz em"""
    ),
    values={
        "vertical": ("aspect_ratio", "9:16"),
        "formato vertical": ("aspect_ratio", "9:16"),
        "horizontal": ("aspect_ratio", "16:9"),
        "quadrado": ("aspect_ratio", "1:1"),
        "formato quadrado": ("aspect_ratio", "1:1"),
        "com som": ("sound", True),
        "com áudio": ("sound", True),
        "sem som": ("sound", False),
        "sem áudio": ("sound", False),
        "mudo": ("sound", False),
    },
    seconds=words("segundos, segundo, seg"),
    and_words=words("e, mas"),
    pointing=words(
        """assim, como isto, com isto, com isso, usa isto, use isso, use esta imagem
        com esta imagem, esta imagem, neste estilo"""
    ),
    statements=words("é, está, são, era, parece, tem, funciona"),
    negations=words("sem, não, nem, tire, remova, vez, invés, lugar"),
    removal_patterns=(
        r"(?:sem|nenhum|nenhuma)\b.*",
        r"(?:tire|tira|tirar|remova|remove|remover|apague|apaga|elimine|elimina|retire|retira)\b.*",
        r"não \S+(?: \S+){0,4}",
    ),
    replacement_patterns=(
        r".*\b(?:em vez de|ao invés de|no lugar|substitu\w*|troque|troca)\b.*",
        r"(?:mude|muda|transforme|transforma) .+ (?:em|para|por) .+",
    ),
    open_ended=words("mais longo, mais longa, mais curto, mais curta, um pouco mais longo"),
    request_patterns=(
        r"(?:você )?(?:pode|poderia|podes|podemos|dá para)(?: fazer| deixar)?",
        r"e se fosse",
    ),
)
