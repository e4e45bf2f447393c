"""Turkish."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

TURKISH = Lexicon(
    code="tr",
    function_words=words(
        """bir, bu, şu, o, ve, veya, ama, ile, için, gibi, çok, daha, az, biraz, en, de, da
        mi, mı, mu, mü, ne, kim, nasıl, neden, nerede, kadar, olsun, yap, var, yok, değil
        şimdi, sonra, her, hiç"""
    ),
    polite=words("lütfen, şimdi, ama, ve, bir de, olsun, tamam, bu sefer, aynısı ama, hadi"),
    praise=words(
        """güzel, çok güzel, harika, süper, mükemmel, muhteşem, iyi, çok iyi, evet, hayır
        tamam, bravo, bayıldım, beğendim, helal, vay, wow, olmuş, güzel olmuş
        çok güzel olmuş, aferin, tatlı, komik, selam, merhaba, aynen, tabii, neredeyse
        daha iyi, çok daha iyi"""
    ),
    chatter_patterns=(
        r"\b(?:teşekkür\w*|sağ ?ol\w*|eyvallah|tşk|(?:ha){2,}|lol)\b",
        r"\b(?:günaydın|iyi (?:akşamlar|geceler|günler|çalışmalar)|görüşürüz)\b",
        r"\b(?:ben|benim|bana|beni|biz|bizim|bize|sen|senin|sana|siz|sizin|size|arkadaşlar|herkes)\b",
        r"\b(?:bitti|hazır|bekliyor\w*|onaylandı|sanırım|bence|galiba)\b",
    ),
    daily_life=words(
        """toplantı, toplantıda, müşteri, müşteriye, yarın, bugün, dün, pazartesi, salı
        çarşamba, perşembe, cuma, hafta, öğle, yemek, kahve, ofis, bütçe, fatura, fiyat
        tuttu, maliyet, patron, tatil, mola"""
    ),
    idioms=words(
        """sorun yok, sorun değil, önemli değil, acele yok, fikrim yok, daha sonra, hiç sorma
        gerek yok"""
    ),
    repeat=words(
        """tekrar, tekrar dene, bir daha, yeniden, yeniden dene, bir tane daha, baştan
        tekrarla, başka bir versiyon"""
    ),
    comparatives=words("yavaşlat, hızlandır, yakınlaş, uzaklaş, yavaşla, hızlan"),
    degrees=words("biraz, çok, biraz daha, çok daha, azıcık, hafif, yap, olsun"),
    settings=words(
        """gece, geceleyin, gündüz, sabah, sabahleyin, akşam, akşamleyin, öğlen, gün batımında
        gün doğumunda, şafakta, alacakaranlıkta, ay ışığında, altın saatte, yağmurda
        yağmur altında, karda, sisli havada, siste, güneşte, fırtınada, ilkbaharda, yazın
        sonbaharda, kışın, su altında, uzayda, ormanda, sahilde, kumsalda, çölde, şehirde
        dağlarda, ağır çekim, ağır çekimde, hızlandırılmış, siyah beyaz, renkli, yukarıdan
        aşağıdan, arkadan, önden, yandan, kuşbakışı, yakın çekim, geniş açı, uzak çekim
        anime tarzında, pixar tarzında, suluboya tarzında, müzikli"""
    ),
    amount_patterns=(
        r"(?:biraz |çok |azıcık )*(?:daha|daha fazla|daha çok|daha az)\s+(?P<what>.+)",
    ),
    order_patterns=(r"(?P<what>.+)\s+(?:ekle|ekleyin|koy|göster|olsun|yap|yapın|ver|çevir)",),
    visual=words(
        """kırmızı, mavi, yeşil, sarı, turuncu, mor, pembe, siyah, beyaz, gri, altın, renk
        renkler, gece, gündüz, ay, güneş, yıldız, yıldızlar, gökyüzü, gökyüzünü, bulut
        bulutlar, yağmur, kar, sis, fırtına, rüzgar, duman, ateş, su, deniz, dalga
        dalgalar, nehir, göl, sahil, dağ, dağlar, orman, ağaç, ağaçlar, yaprak, çiçek
        çiçekler, çöl, şehir, sokak, ev, araba, tren, gemi, robot, insan, insanlar, adam
        kadın, çocuk, köpek, kedi, tilki, tilkiyi, kurt, kuş, kuşlar, at, ejderha, yüz
        gözler, saç, atkı, şapka, palto, gözlük, elbise, taç, kamera, arka plan, ışık
        ışıklar, gölge, kontrast, müzik, ses, hareket, detay, karanlık, aydınlık, parlak
        sıcak, soğuk, yumuşak, keskin, yavaş, hızlı, büyük, küçük, yakın, geniş, sakin
        dramatik, gerçekçi, sinematik, neşeli, üzgün, sol, sağ, koşsun, zıplasın, uçsun
        logo"""
    ),
    leads=words("formatı, format, kullan, ile, olarak"),
    values={
        "dikey": ("aspect_ratio", "9:16"),
        "dikey format": ("aspect_ratio", "9:16"),
        "yatay": ("aspect_ratio", "16:9"),
        "kare": ("aspect_ratio", "1:1"),
        "sesli": ("sound", True),
        "sessiz": ("sound", False),
    },
    seconds=words("saniye, sn"),
    and_words=words("ve, ama"),
    pointing=words("böyle, bunun gibi, bunu kullan, bununla, bu resimle, bu görselle, bu tarzda"),
    statements=words("görünüyor, oldu, var, duruyor"),
    negations=words("değil, olmadan, yok, kaldır, çıkar, sil, yerine"),
    removal_patterns=(
        r"\w+(?:sız|siz|suz|süz)\b.*",
        r".*\b(?:kaldır|kaldırın|çıkar|çıkart|sil|silin|olmasın|olmadan)",
        r".*\b(?:yok et|istemiyorum)\b.*",
    ),
    replacement_patterns=(r".*\b(?:yerine|değiştir)\b.*",),
    open_ended=words("daha uzun, daha kısa, biraz daha uzun, biraz daha kısa"),
    request_patterns=(),
)
