"""English."""

from __future__ import annotations

from domain.words.lexicon import Lexicon, words

ENGLISH = Lexicon(
    code="en",
    function_words=words(
        """a, an, the, it, its, is, are, was, be, been, of, to, in, on, at, for, from, by
        with, and, or, but, not, no, this, that, these, those, like, as, his, her, their
        him, them, he, she, they, more, less, very, so, too, just, now, then, there, here
        into, over, under, up, down, out, off, some, any, all, should, would, could, can
        will, do, does, did, has, have, had, what, when, where, who, which, how, why, if
        than, about, again, still, also, only, same, other, another, one, new, after
        before, while, looks, needs, wears, feels"""
    ),
    polite=words(
        """please, pls, plz, now, but, and, then, just, also, ok, okay, same but
        same thing but, same, again but, actually, next, now please, hmm, hm, so
        thanks in advance, instead, and now, but now, this time, and also, maybe also
        for the next one, next take"""
    ),
    praise=words(
        """nice, nice one, very nice, great, great start, good, good start, very good, cool
        so cool, very cool, wow, awesome, amazing, perfect, love it, love this, love that
        lovely, beautiful, gorgeous, stunning, brilliant, excellent, fantastic, great job
        good job, well done, neat, nice work, great work, good work, sweet, super, ok, okay
        yes, yep, yeah, yup, no, nope, sure, right, exactly, agreed, done, same, +1, fine
        got it, cheers, congrats, much better, better, way better, ha, yay, woohoo, hooray
        bravo, sick, dope, fire, not bad, good stuff, ok cool, looks great, looks good
        looks nice, looks amazing, looks perfect, so good, so nice, almost, almost there
        getting there, close, ship it, looking good, looking great, hi, hello, hey, you too
        interesting, fun, funny, cute, so cute, adorable, true, indeed, of course
        absolutely, definitely, totally, noted, roger, understood, check, ah, oh, ooh, aww
        yikes"""
    ),
    praise_patterns=(
        r"(?:this|that|it|he|she)(?:'s| is| looks?| turned out) (?:so |really |very |just |super )*"
        r"(?:amazing|great|awesome|perfect|beautiful|cool|nice|good|lovely|gorgeous|fantastic"
        r"|brilliant|excellent|stunning|funny|hilarious|cute|fun|wonderful|incredible|insane)",
        r"(?:sounds|seems) (?:great|good|perfect|fine|like a plan)",
        r"(?:so|really|very|super|pretty) (?:amazing|great|awesome|beautiful|cool|nice|good|lovely"
        r"|funny|hilarious|cute|fun)",
    ),
    chatter_patterns=(
        r"\b(?:thanks|thank you|thx|ty|tysm|thank u|much appreciated|appreciate)\b",
        r"\b(?:lo+l|lmao|rofl|omg|omfg|ha(?:ha)+h?|he(?:he)+|hihi|xd|brb|afk|fyi|btw|imo|wtf|tbh)\b",
        r"\b(?:good (?:morning|night everyone|evening|afternoon)|hi (?:all|team)|bye|cya)\b",
        r"\b(?:see|call|text|ping|dm|tell|ask|show) (?:you|u|me|him|them|everyone|the team)\b",
        r"\bi(?:'m|'ll|'ve|m)?\b(?! want| would like|'d (?:like|love))",
        r"\b(?:my|mine|our|ours|us|myself|you|your|yours|u|everyone|everybody|guys|folks|team)\b",
        r"\bme\b|\bwe(?:'re|'ll|'ve)?\b(?! should| could| need)",
        r"\b(?:rendering|rendered|waiting|eta|queue|queued|finished|ready|posted|approved|lgtm)\b",
        r"\b(?:still (?:going|running|loading|not)|done yet|is it done|any (?:news|update))\b",
        r"\b(?:than|let's (?!try|make|add|go)|can't wait|remember|don't forget|back in|on it)\b",
        r"\b(?:shipping|sent|sending|forwarded|uploaded|downloaded|discuss|agree|wait|sorry)\b",
        r"\b(?:not again|looks? good to|make sure|never ?mind|nvm|wondering|wonder|heads up)\b",
        r"\b(?:\d+|one|two|a few|couple of) (?:mins?|minutes?|hours?|days?|weeks?)\b",
    ),
    daily_life=words(
        """meeting, client, clients, customer, marketing, budget, invoice, deck, slides
        invite, calendar, email, mail, doc, docs, drive, folder, channel, slack, zoom call
        lunch, coffee, dinner, breakfast, tomorrow, today, yesterday, monday, tuesday
        wednesday, thursday, friday, weekend, week, deadline, boss, legal, hr, office
        price, cost, costs, money, credits, link, brief, ticket, jira, review, launch
        agency, holiday, vacation, wfh, standup, sprint"""
    ),
    idioms=words(
        """no worries, no rush, no problem, no prob, no idea, no way, no thanks, no thank you
        no hurry, no clue, no doubt, no chance, no need, no comment, no pressure, no biggie
        no joke, no kidding, no stress, no offense, no one, no matter, no wonder, no more
        no sweat, no shame, no fair, without a doubt, not again, not yet, not now, not sure
        not really, not at all, not mine, make it so, make it happen, make it work, drop it
        cut it out, cut it, take it easy, hold on, give it up, show off, never, stop
        stop it, on and on, more or less, more later, more to come, more soon
        once more unto the breach, at last, at once, in time, remove this, bless you
        game over, here it is, there it is, in the end, for real, at night maybe"""
    ),
    repeat=words(
        """again, retry, try again, once more, one more, one more time, one more take, another
        another one, another take, redo, re-roll, reroll, rerun, re-run, do it again
        run it again, regenerate, new seed, same again, repeat, another version
        another try, give it another try, new variation, variation, another variation
        try it again, run again"""
    ),
    comparatives=words(
        """slower, faster, quicker, darker, brighter, lighter, warmer, colder, cooler, closer
        wider, bigger, larger, smaller, taller, smoother, sharper, softer, louder, quieter
        calmer, higher, lower, sadder, happier, older, younger, moodier, cleaner, grittier
        dreamier, foggier, rainier, sunnier, snowier, busier, simpler, funnier, scarier
        creepier, cuter, wilder, thicker, thinner, fluffier, rounder, deeper, crisper
        gentler, stronger, weaker, dimmer, slowly, slow it down, slow down, speed it up
        speed up, tone it down, dial it up"""
    ),
    degrees=words(
        """a bit, a little, a little bit, much, even, way, slightly, a lot, a tad, somewhat
        far, still, a touch, quite a bit, make it, make him, make her, make them
        make everything, try, try it, let's try, let's make it, go, move, slowly
        more slowly, it, everything, camera, do it"""
    ),
    settings=words(
        """at night, at nighttime, at sunset, at sunrise, at dawn, at dusk, at noon, at midday
        at twilight, at golden hour, golden hour, blue hour, by night, by day
        in the morning, in the evening, in daylight, in moonlight, in sunlight, at midnight
        in the dark, in the rain, in rain, in heavy rain, in the snow, in snow, in the fog
        in fog, in a storm, in the sun, in the wind, in spring, in summer, in autumn
        in fall, in winter, under water, underwater, in space, on the moon, on a beach
        on the beach, in the desert, in a forest, in the forest, in the city, in a city
        in the mountains, in tokyo, in paris, in new york, in slow motion, slow motion
        slow-mo, slowmo, in slow-mo, in slowmo, time lapse, timelapse, as a timelapse
        in reverse, in black and white, black and white, b&w, in b&w, in color, in colour
        in sepia, monochrome, in monochrome, from above, from below, from behind
        from the side, from the front, from afar, from a distance, from a low angle
        low angle, from a high angle, high angle, from the ground, eye level, top down
        bird's eye view, drone shot, aerial shot, aerial view, wide shot, wide angle
        close-up, close up, closeup, extreme close-up, medium shot, tracking shot
        dolly shot, dolly zoom, pov, pov shot, first person, one take, handheld
        handheld camera, static camera, still camera, locked off, zoom in, zoom out
        zoom in slowly, zoom out slowly, slow zoom, slow zoom in, slow zoom out, pan left
        pan right, slow pan, tilt up, tilt down, dolly in, dolly out, push in, pull out
        pull back, orbit, shallow depth of field, with bokeh, bokeh, film grain
        with film grain, grainy, lens flare, with lens flare, on 35mm film, 35mm, 16mm
        as a cartoon, as an anime, anime style, in anime style, cartoon style
        in cartoon style, pixar style, in pixar style, ghibli style, claymation
        stop motion, in stop motion, as a watercolor, watercolor style, pixel art
        as pixel art, oil painting, as an oil painting, noir style, film noir style
        vintage style, retro style, cyberpunk style, documentary style, low poly
        pencil sketch, soft light, soft lighting, dramatic lighting, backlit, neon lights
        with neon lights, candle light, high contrast, low contrast, in pastel colors
        pastel colors, vivid colors, in one shot, with music, with rain, with snow
        with fog, with wind"""
    ),
    amount_patterns=(
        r"(?:some |a bit |a little |a lot |much |with |slightly )*(?:more|less)\s+(?P<what>.+)",
    ),
    order_patterns=(
        r"(?:add|put|include|insert|bring)(?: in)?\s+(?P<what>.+)",
        r"(?:make|turn|let|give|keep) (?!it to\b)"
        r"(?P<what>(?:it|him|her|them|everything|the|his|its|a)\s.+)",
        r"show (?P<what>(?:more|the|his|her|its|a|some)\s.+)",
        r"(?:zoom|pan|tilt|dolly|move|follow|focus|start|fade|orbit)\s+(?!of\b)(?P<what>.+)",
        r"(?:try|let's try|with|set it|set)\s+(?P<what>.+)",
        r"in the style of\s+(?P<what>.+)",
        r"(?:close-?up|wide shot|medium shot|shot|view) (?:on|of|from)\s+(?P<what>.+)",
    ),
    visual=words(
        """dream, red, blue, green, yellow, orange, purple, violet, pink, black, white, grey
        gray, brown, golden, gold, silver, neon, pastel, colorful, colourful, color, colour
        colors, colours, night, day, sunset, sunrise, dawn, dusk, noon, midday, morning
        evening, moon, moonlight, sun, sunlight, sunny, star, stars, sky, cloud, clouds
        cloudy, rain, rainy, raining, snow, snowy, snowing, fog, foggy, mist, misty, storm
        stormy, wind, windy, lightning, thunder, smoke, fire, flames, sparks, water, ocean
        sea, waves, river, lake, beach, mountain, mountains, forest, tree, trees, leaves
        flower, flowers, grass, field, desert, city, street, building, buildings, house
        window, bridge, road, car, cars, train, plane, boat, ship, robot, people, person
        man, woman, boy, girl, child, children, kid, kids, crowd, dog, cat, fox, wolf, bird
        birds, horse, dragon, animal, animals, face, eye, eyes, hair, hand, hands, smile
        beard, scarf, hat, coat, jacket, dress, glasses, sunglasses, shoes, crown, umbrella
        costume, camera, lens, flare, grain, bokeh, depth, focus, zoom, angle, shot, frame
        background, foreground, light, lights, lighting, shadow, shadows, contrast
        saturation, saturated, exposure, reflection, reflections, glow, glowing, particles
        dust, confetti, music, sound, sounds, voice, footsteps, motion, movement, energy
        mood, moody, texture, detail, details, cinematic, dreamy, realistic, photorealistic
        dramatic, epic, surreal, vintage, retro, noir, cyberpunk, anime, cartoon
        watercolor, watercolour, painting, sketch, pixar, ghibli, minimal, minimalist, dark
        bright, warm, cold, cool, soft, sharp, smooth, blurry, slow, fast, slowly, quickly
        calm, loud, quiet, big, small, huge, tiny, tall, wide, close, left, right, up, down
        run, running, walk, walking, jump, jumping, fly, flying, dance, dancing, turn, spin
        spinning, smiling, laughing, crying, playful, sad, happy, angry, scary, spooky
        cute, elegant, gritty, rough, natural, vivid, vibrant, intense, subtle, fluffy, fur
        wings, tail, text, logo, title"""
    ),
    leads=words(
        """make it, use, with, in, try, to, as, switch to, set it to, set to, change it to
        change to, turn it, go, do it in, do it with, render it in, render it with
        render in, using, try it in, try it with, try with, this in, this with, it in
        put it in, now in, let's try, in a, as a, format, aspect, model, length, duration
        resolution, aspect ratio, ratio, let's do, do, make this, make that, run it with
        run it on, on, crop it to"""
    ),
    values={
        "vertical": ("aspect_ratio", "9:16"),
        "vertical format": ("aspect_ratio", "9:16"),
        "vertical video": ("aspect_ratio", "9:16"),
        "portrait": ("aspect_ratio", "9:16"),
        "portrait format": ("aspect_ratio", "9:16"),
        "portrait mode": ("aspect_ratio", "9:16"),
        "square": ("aspect_ratio", "1:1"),
        "square format": ("aspect_ratio", "1:1"),
        "landscape format": ("aspect_ratio", "16:9"),
        "landscape mode": ("aspect_ratio", "16:9"),
        "landscape": ("aspect_ratio", "16:9"),
        "horizontal": ("aspect_ratio", "16:9"),
        "widescreen": ("aspect_ratio", "16:9"),
        "with sound": ("sound", True),
        "with audio": ("sound", True),
        "add sound": ("sound", True),
        "add audio": ("sound", True),
        "no sound": ("sound", False),
        "no audio": ("sound", False),
        "without sound": ("sound", False),
        "without audio": ("sound", False),
        "mute": ("sound", False),
        "mute it": ("sound", False),
        "silent": ("sound", False),
        "full hd": ("resolution", "1080p"),
    },
    seconds=words("second, seconds"),
    and_words=words("and, &, +, but"),
    pointing=words(
        """like this, use this, use this one, this one, with this, with this one, this style
        in this style, this, this instead, use this image, use this picture, use this photo
        with this image, with this picture, same with this, same with this one
        same with this image, use this as the first frame, use this as first frame
        as the first frame, as first frame, start with this, start from this, start here
        start with this image, this as first frame, more like this, something like this
        make it look like this, animate this, with this background, this background
        in this look"""
    ),
    statements=words(
        """is, are, was, were, isn't, looks, look, seems, feels, has, have, had, here's, it's
        that's, works, broke, broken, went"""
    ),
    negations=words("no, not, without, w/o, don't, never, remove, delete, drop, instead, replace"),
    wish_patterns=(
        r"(?P<what>(?:the|his|her|its|their)\s+.+?\s+(?:should|must|needs to|has to)\s+.+)",
    ),
    removal_patterns=(
        r"(?:remove|delete|erase|hide|drop|lose|skip|omit|exclude|ditch)\b.*",
        r"(?:get rid of|take (?:out|off|away)|cut out|leave out)\b.*",
        r"(?:without|w/o)\b.*",
        r"no (?:more )?\S+(?: \S+){0,3}",
        r".*\b(?:should(?:n't| not)|must(?:n't| not)|don't|do not|doesn't|never)\b.*",
        r"stop \S+ing\b.*",
    ),
    replacement_patterns=(
        r".*\b(?:replace|swap|exchange|substitute)\b.*",
        r".*\b(?:instead of|rather than)\b.*",
        r"(?:change|turn|transform|convert) .+ (?:to|into|with|for) .+",
        r".*\bnot an? .+ but .+",
        r".+ not .+|not .+",
    ),
    open_ended=words(
        """longer, shorter, a bit longer, a bit shorter, make it longer, make it shorter"""
    ),
    request_patterns=(
        r"(?:can|could|would|will) (?:you|we|u)(?: please| maybe| also| just)*(?: try)?",
        r"(?:how|what) about|what if (?:it|he|she|we|they)(?: were| was| is| had)?",
        r"(?:would it be possible|is it possible) to",
        r"(?:may|could) (?:it|this) be",
    ),
)
