/** The words of languages in Latin script; what the members mean is in terms.ts. Marks need not be written. */
import type { Terms } from './terms.ts';

export const LATIN: Readonly<Record<string, Terms>> = {
  en: {
    sure:
      'one time password*|one time passcode*|one time pass code*|one time pin*|one time code*|one time security code|' +
      'one off code|one off password|single use code|single use password|otp|otps|otpcode|otp code|otp pin|=OTC|' +
      'verification code*|verify code|verifying code|verification number|verification pin|verification otp|' +
      'authentication code*|authentication token|auth code|auth token|authorization code|authorisation code|' +
      'security code*|secure code|secret code|login code*|log in code*|sign in code*|signin code*|logon code|' +
      'log on code|sign on code|login otp|login pin|login passcode|2fa code*|2fa token|2fa|two factor code|' +
      'two factor authentication code|two step verification code|2 step verification code|registration code|' +
      'recovery code|reset code|password reset code|validation code|identification code|temporary password|' +
      'temporary pin|temporary code|temporary passcode|sms code|smscode|sms passcode|account verification|=TAC|=MFA|mfa code',
    code:
      '*code|*passcode|access code|activation code|confirmation code|pin|pins|pin code|password|token|verification|' +
      'authentication',
    other:
      'discount code*|promo code*|promocode*|promotional code*|promotion code*|coupon*|voucher*|gift code*|gift card*|' +
      'referral code*|referral|invite code*|invitation code*|reward code*|bonus code*|offer code*|deal code*|' +
      'redemption code*|redeem code*|free code|zip code*|zipcode*|zip|postal code*|post code*|postcode*|bar code*|' +
      'barcode*|qr code*|qrcode*|unicode*|decode*|encode*|vscode*|vs code|xcode|source code*|error code*|area code*|' +
      'country code*|dial code*|dialing code*|dialling code*|calling code*|tax code*|sort code*|swift code*|bic code*|' +
      'ifsc code*|branch code*|bank code*|product code*|item code*|order code*|booking code*|reservation code*|' +
      'tracking code*|shipping code*|parcel code*|package code*|pickup code*|pick up code*|pickup pin*|pick up pin*|' +
      'collection code*|collection pin*|collect code|delivery code*|delivery pin*|drop off code*|return code*|' +
      'locker code*|locker pin*|open code*|opening code*|door code*|gate code*|entry code*|building code*|' +
      'lockbox code*|lock box code*|dress code*|morse code*|code of conduct|code of practice|codename*|code name*|' +
      'color code*|colour code*|student code*|customer code*|client code*|vendor code*|store code*|course code*|' +
      'class code*|event code*|meeting code*|meeting pin|meeting passcode*|conference code*|conference pin*|' +
      'conference call*|wifi password*|wi fi password*|wifi code*|wi fi code*|network password*|guest password*|' +
      'recharge pin*|recharge code*|recharge card*|top up pin*|top up code*|status code*|exit code*|response code*|' +
      'short code*|shortcode*|department code*|cheat code*|friend code*|room code*|lobby code*|party code*|' +
      'queue token*|token number|token no|pincode*|zip pin|area pin|hs code*|vat code*|employer code*|' +
      'purchase code*|claim code*|identifier code*|winner code*|sim pin|pin1|pin2|puk|puk1|puk2|puk code|appointment code*|parking code*|' +
      'confirmation number*|confirmation no|reservation confirmation code*|booking confirmation code*|video code|' +
      'participation code|code review*|code coverage|codebase*|code base*|code club*|code word*|codeword*|entry number|security code on the back|skoda*|code red|code blue|code amber|building pin',
    noun:
      'account*|acct|a c|ac no|acc|acc no|card|cards|order|orders|parcel*|package*|shipment*|consignment*|tracking|' +
      'tracking number|tracking no|awb|waybill|invoice*|bill|ticket*|case|claim|booking|reservation|flight|train|bus|' +
      'seat*|gate|room*|suite|apt|apartment|flat|unit|house|platform|level|floor|ref|reference*|ref id|ref no|refno|' +
      'id|ids|registration|reg no|reg|policy|loan|customer|client|member*|employee|student|patient|prescription*|rx|' +
      'txn|transaction*|txn id|transaction id|utr|rrn|imps|neft|upi|upi ref|trace|terminal|atm|pos|store|branch|site|' +
      'serial*|imei|iccid|sim|model|item*|sku|lot|batch|plate|vehicle|queue|contestant|precinct|po box|box|route|' +
      'extension|ext|version|build|release|receipt*|cheque|service request|incident|outage|job|docket|meter|reading|' +
      'application no|application id|roll no|score|ending|ending in|ending with|ends with|ends in|last 4|last four|' +
      'last 4 digits|locker|kiosk|amount*|balance|bal|total|price|cost|fee|due|paid|salary|spent|withdrawn|deposit*|' +
      'emi|avail|available|limit|winning number|prize|pnr|phone|phones|phone number|mobile|mobile number|cell|' +
      'device|devices|shop|supplier|vendor|warranty|case id|employer ref|ip|deploy|worth|left|limit of|user|username|user id',
    phone:
      'call|calls|call us|dial|tel|telephone|fax|hotline*|helpline*|helpdesk|help desk|toll free|contact|contact us|' +
      'text|txt|reply|respond|customer care|customer service|customer support|support|ring|freephone|press|msg|' +
      'sms to|text to|send to|sms stop to|info at|report to|phone us',
    money:
      'dollars|dollar|euros|euro|pounds|rupees|rs|inr|cents|bucks|usd|eur|gbp|naira|ngn|ksh|kes|tsh|ugx|php|zar',
    unit:
      'min|mins|minutes|minute|hr|hrs|hours|hour|sec|secs|seconds|days|day|weeks|months|years|yrs|mb|gb|kb|tb|km|kms|' +
      'miles|feet|kg|lb|lbs|ml|mah|kwh|kw|points|point|pts|coins|credits|stars|steps|calories|cal|people|users|items|' +
      'pcs|pieces|units|seats|guests|spins|free spins|sqft|utc|gmt|percent|times|messages|views|likes|followers|' +
      'orders|customers|stores|words|metres|meters|degrees|shares|votes|fans|jobs|dpi|rpm|calls|free minutes|' +
      'bonus points|reward points|visitors|members|homes|cars|km h|mph|kwh',
    enter: 'use|using|enter|entering|type|typing|input|inputting|provide|submit|key in|punch in|put in',
    act:
      'feel free|free now|free msg|freemsg|free message|toll free|sign in|signin|signing in|log in|login|log on|logon|logging in|verify|verifying|verification|confirm|' +
      'confirming|authenticate|authenticating|authentication|authorize|authorise|approve|register|registering|' +
      'registration|sign up|signup|signing up|activate|activating|complete your|complete the|your identity|' +
      'access your|let you reset|reset your|unlock|finish setting|prove|it s you|its you|get going|link your',
    setting:
      'off your next|off your order|off your first|discount*|sale|coupon*|voucher*|promo|promos|bonus|checkout|shipping|cashback|offer|offers|deal|deals|' +
      'parcel*|package*|locker*|pickup|pick up|courier*|deliver|delivers|delivered|delivery|collect|collection|' +
      'shipment*|reservation*|flight*|hotel*|check in|boarding|wifi|wi fi|meeting*|conference*|webinar*|door|gate|' +
      'raffle*|prize*|winner*|lottery|spins|casino|jackpot|gift|free coffee|scan|free|save|redeem|treat|your driver|the driver|your rider|the rider|restaurant|table|parking|hire|rental|invite|refer|earn|building|bike|garage|elevator|gym|pump|guest*|won|win',
    at: 'at|until|till|before|after|since|from|by|between|within|to|on|over|under|than|about|around|of|in|into|and',
    is: 'is|are',
    with: 'with',
    warn: 'never|not|don t|dont|won t|no one|anyone|nobody',
  },
  es: {
    sure:
      'codigo* de verificacion|codigo de seguridad|codigo de autenticacion|codigo de autorizacion|codigo de un solo uso|' +
      'codigo de acceso|codigo de inicio de sesion|codigo de login|codigo de registro|codigo temporal|codigo secreto|' +
      'codigo de validacion|codigo sms|codigo otp|codigo unico|clave de un solo uso|clave dinamica|clave temporal|' +
      'clave sms|clave unica|clave de seguridad|contrasena temporal|contrasena de un solo uso|contrasena unica|' +
      'pin temporal|pin de verificacion|token de seguridad|clave de acceso',
    code: 'codigo|clave|contrasena|codigo de confirmacion|codigo de activacion|numero de verificacion',
    other:
      'codigo de descuento|codigo promocional|codigo promo|codigo postal|codigo de barras|codigo qr|codigo de recogida|' +
      'pin de recogida|codigo de retiro|codigo de entrega|codigo de reserva|codigo de producto|codigo de area|' +
      'codigo de pais|codigo de error|codigo de cliente|codigo de pedido|codigo de seguimiento|codigo de rastreo|' +
      'codigo de invitacion|codigo de referido|codigo de regalo|codigo de apertura|codigo de referencia|codigos|claves|' +
      'cupon*|clave wifi|clave del wifi|contrasena wifi|contrasena del wifi|codigo de operacion|palabra clave',
    noun:
      'cuenta*|tarjeta*|pedido*|envio*|paquete*|factura*|recibo|referencia|ref|operacion|numero de operacion|reserva|' +
      'vuelo|habitacion|cliente|poliza|prestamo|cajero|sucursal|oficina|expediente|caso|tramite|folio|saldo|importe|' +
      'monto|total|precio|terminada en|terminacion|acabada en|calle|piso|puerta|sala|consultorio|matricula|turno|' +
      'compra de|compra por|numero de pedido|numero de reserva|numero de cuenta|comprobante|boleto|transaccion',
    phone:
      'llame|llama|llamar|llamanos|llamenos|llame al|marque|marca|marcar|marcando|telefono|tlf|tfno|responde|envia|' +
      'envie|dudas|comuniquese|contacto|contactenos|atencion al cliente|linea de atencion',
    money: 'pesos|dolares|euros|soles|bolivares|quetzales|colones|pts',
    unit: 'minutos|horas|hora|dias|puntos|megas|personas|veces|anos|meses|unidades|segundos|semanas|millas|productos',
    enter:
      'usa|use|utiliza|utilice|introduce|introduzca|ingresa|ingrese|escribe|escriba|teclea|teclee|digita|digite|usar',
    act:
      'iniciar sesion|inicio de sesion|verificar|verifica|verifique|confirmar|confirma|validar|valida|activar|' +
      'registrarte|registrarse|registro|autorizar|autenticar|acceder|entrar|completar|firmar|tu identidad',
    setting:
      'descuento*|oferta*|rebajas|cupon*|promocion*|promo|gratis|recogida|recoger|taquilla|entrega|entregado|vuelo|' +
      'hotel|sorteo|premio|regalo|ganador|puerta|repartidor|participa|reserva|paquete|bono',
    at: 'hasta|desde|antes|despues|las|al|entre|en|de|del|por|a',
    is: 'es|son',
    with: 'con',
    warn: 'nunca|no|nadie|jamas',
  },
  fr: {
    sure:
      'code de verification|code de securite|code d authentification|code d autorisation|code a usage unique|' +
      'code de connexion|code temporaire|code secret|code de validation|code confidentiel|code confidentiel a usage unique|' +
      'code sms|code otp|code unique|mot de passe temporaire|mot de passe a usage unique|mot de passe unique|' +
      'code d identification|code d inscription|code provisoire|code de reinitialisation|cle digitale',
    code: 'code|code d acces|code d activation|code de confirmation|mot de passe|code pin|code personnel|numero de verification',
    other:
      'code promo*|code de reduction|code reduction|code remise|code avantage|code postal|code barres|code barre|code qr|' +
      'code de retrait|code retrait|code d ouverture|code de livraison|code colis|code de suivi|code parrainage|' +
      'code cadeau|code insee|code ape|code porte|digicode|code d entree|code client|code article|code produit|' +
      'code erreur|code guichet|code banque|code wifi|mot de passe wifi|codes|mots de passe|code de la route|code civil|' +
      'code du travail|code de reservation|code invitation|code d invitation|pin de retrait',
    noun:
      'compte|carte|commande|colis|facture|dossier|reference|ref|reservation|vol|train|voiture|chambre|client|contrat|' +
      'pret|agence|ticket|solde|montant|prix|total|se terminant par|terminant par|numero de commande|operation|' +
      'transaction|virement de|achat de|immatriculation|rue|boulevard|avenue|appartement|etage|salle|guichet|dab',
    phone:
      'appelez|appeler|composez|tel|telephone|repondez|envoyez|contactez|conseiller|service client|opposition|' +
      'contestation|joignable|infos au|info au|suivi conso|stop au|stop',
    money: 'euros|francs|dirhams|dinars|fcfa|cfa|xof|xaf',
    unit: 'minutes|heures|heure|jours|mois|ans|points|mo|go|personnes|fois|secondes|semaines|unites|km|produits',
    enter: 'utilisez|utiliser|saisissez|saisir|entrez|entrer|tapez|composer le code|renseignez|indiquez',
    act:
      'connecter|connexion|verifier|verification|confirmer|valider|activer|inscription|inscrire|identifier|' +
      'authentifier|autoriser|finaliser|acceder|votre identite',
    setting:
      'reduction*|remise|soldes|promo|promotion*|offre|offres|gratuit*|retrait|retirer|consigne|point relais|livraison|' +
      'livre|vol|hotel|cadeau*|gagnant|tirage|colis|wifi|la porte|livreur|immeuble|badge',
    at: 'jusqu au|avant|apres|des|a|au|aux|en|depuis|entre|du|par|chez',
    is: 'est|sont',
    with: 'avec|via',
    warn: 'jamais|ne|personne|pas',
  },
  de: {
    sure:
      '*bestatigungscode*|*verifizierungscode*|*sicherheitscode*|*anmeldecode*|*authentifizierungscode*|*einmalcode*|' +
      '*einmalkennwort*|*einmalpasswort*|*einmal passwort*|*einmal code|*einmal pin|*einmalpin|*prufcode*|' +
      '*freigabecode*|*registrierungscode*|*logincode*|*login code*|=TAN|*mtan|*smstan|sms tan|mobile tan|*mobiletan|' +
      '*pushtan|*chiptan|tan nummer|*wiederherstellungscode*|*autorisierungscode*|sms code*|temporares passwort|' +
      '*identifizierungscode*|*legitimationscode*|*bestatigungsnummer',
    code:
      '*zugangscode*|*zugangsdaten|*kennwort|*passwort|*aktivierungscode*|*geheimzahl|*schlussel|zugriffscode*|' +
      'sicherheitsnummer|freischaltcode*|*code',
    other:
      'rabattcode*|rabatt code|gutscheincode*|gutschein*|gutschein code|aktionscode*|promocode*|*postleitzahl*|=PLZ|' +
      '*bankleitzahl*|=BLZ|strichcode*|abholcode*|abhol pin|abholpin|abhol code|packstation*|offnungscode*|' +
      'einladungscode*|fehlercode*|landercode*|produktcode*|empfehlungscode*|turcode*|buchungscode*|quellcode*|' +
      'retourencode*|wlan passwort*|wlan kennwort|wlan schlussel|codes|kennwort hilfe|stichwort|qr code|' +
      'zustellcode*|sendungscode*|liefercode*|paketcode*',
    noun:
      'konto|kontonummer|*karte|kartennummer|*bestellung|bestellnummer|bestell nr|auftrag|auftragsnummer|*paket|sendung|' +
      '*sendungsnummer|*rechnung|rechnungsnummer|*nummer|vorgang|vorgangsnummer|*kundennummer|buchung|flug|zug|zimmer|' +
      'gleis|filiale|ticket|kontostand|guthaben|betrag|summe|gesamt|preis|endziffer*|endziffern|endend auf|nr|' +
      'aktenzeichen|versicherung|vertrag|referenz|rechnungsbetrag|uberweisung|umsatz|zahlung|stellplatz|saal|raum|str',
    phone:
      'rufen|anrufen|telefon|tel|hotline|notruf|sperr notruf|absage unter|antworten|antworte|kundenservice|' +
      'ruckfragen|fragen|infos unter|info unter|erreichbar unter|unter',
    money: 'euro|franken|chf|cent',
    unit:
      'minuten|minute|stunden|stunde|uhr|tage|tagen|tag|wochen|monate|jahre|jahren|sekunden|punkte|punkten|personen|' +
      'stuck|meter|artikel',
    enter: 'verwende|verwenden|nutze|nutzen|benutze|gib|geben sie|eingeben|gebe|tippe',
    act:
      'anmelden|anmeldung|einloggen|login|verifizieren|verifizierung|bestatigen|bestatigung|zu bestatigen|aktivieren|' +
      'freigeben|freigabe|registrieren|registrierung|authentifizieren|legitimieren|abschliessen|autorisieren',
    setting:
      'rabatt*|gutschein*|angebot*|aktion|sparen|sale|gewinn*|gratis|abholung|abholbereit|abholen|packstation|paket|' +
      'lieferung|zustellung|filiale|flug|hotel|wlan|haustur|wohnungstur|tur|verlosung|zusteller*|paket*|gebaude',
    at: 'bis|um|ab|seit|von|am|im|in|nach|vor|unter|auf|bei|uber|an|und',
    is: 'ist|lautet|lauten|heisst',
    with: 'mit',
    warn: 'nie|niemals|nicht|niemandem|niemand|keinem',
  },
  it: {
    sure:
      'codice di verifica|codice di sicurezza|codice di autenticazione|codice di autorizzazione|codice otp|' +
      'codice monouso|codice usa e getta|codice temporaneo|codice di accesso|codice sms|codice segreto|' +
      'password temporanea|password usa e getta|password monouso|password otp|pin temporaneo|codice di login|' +
      'codice di registrazione|codice per accedere|codice dispositivo',
    code: 'codice|codice di conferma|codice di attivazione|parola d ordine|chiave di accesso|numero di verifica',
    other:
      'codice sconto|codice promo*|codice promozionale|codice fiscale|codice postale|codice a barre|codice qr|' +
      'codice di ritiro|codice ritiro|pin ritiro|pin di ritiro|codice consegna|codice di consegna|codice cliente|' +
      'codice prodotto|codice prenotazione|codice di prenotazione|codice amico|codice invito|codice errore|codice pratica|' +
      'codice spedizione|codice di spedizione|codice tracking|codice apertura|codice buono|codice regalo|codici|coupon|' +
      'codice cliente|codice iban|codice pod|codice pdr|password wifi|codice convenzione|codice della strada',
    noun:
      'conto|carta|ordine|pacco|spedizione|fattura|pratica|riferimento|rif|prenotazione|volo|treno|stanza|cliente|' +
      'polizza|filiale|biglietto|saldo|importo|totale|prezzo|che termina con|terminante con|cro|addebito|accredito|' +
      'bonifico di|armadietto|ambulatorio|piano|cap|operazione|transazione|numero ordine|contratto',
    phone:
      'chiama|chiami|chiamare|chiamate|telefono|tel|rispondi|invia|contatta|contattaci|corriere|numero verde|info',
    money: 'euro',
    unit: 'minuti|minuto|giorni|giorno|mesi|anni|punti|persone|volte|secondi|settimane|pezzi',
    enter: 'usa|utilizza|utilizzi|inserisci|inserire|inserisca|digita|digiti|immetti',
    act:
      'accedere|accesso|entrare|verificare|verifica|confermare|conferma|autorizzare|autenticazione|registrazione|' +
      'registrarti|attivare|completare|procedere|effettuare il login',
    setting:
      'sconto*|offerta|offerte|promo|promozione|gratis|ritiro|ritirare|locker|consegna|volo|hotel|premio|vinto|omaggio|corriere|porta|portone|' +
      'pacco|buono',
    at: 'fino|entro|dal|dalle|alle|al|il|presso|in|di|da|ore|tra|a',
    is: "è|e'|sono",
    with: 'con',
    warn: 'mai|non|nessuno',
  },
  pt: {
    sure:
      'codigo de verificacao|codigo de seguranca|codigo de autenticacao|codigo de autorizacao|codigo de uso unico|' +
      'codigo de acesso|codigo de login|codigo de validacao|codigo temporario|codigo sms|codigo secreto|codigo unico|' +
      'senha de uso unico|senha temporaria|senha unica|senha descartavel|palavra passe temporaria|token|' +
      'palavra passe de utilizacao unica|pin temporario|codigo de cadastro|codigo de registro',
    code: 'codigo de confirmacao|codigo de ativacao|senha|palavra passe',
    other:
      'codigo de desconto|codigo promocional|cupom|cupons|cupao|codigo postal|codigo de barras|codigo qr|' +
      'codigo de rastreio|codigo de rastreamento|codigo de levantamento|codigo de retirada|codigo de recolha|' +
      'codigo de entrega|codigo do produto|codigo do pedido|codigo da reserva|codigo de indicacao|codigo de convite|' +
      'codigo do cliente|codigo de erro|codigo da agencia|senha de atendimento|senha do wifi|senha wifi|senha da fila|' +
      'codigo de area|codigo da compra|senhas',
    noun:
      'conta|cartao|cartao final|final|pedido|encomenda|fatura|protocolo|referencia|ref|reserva|voo|quarto|cliente|' +
      'apolice|agencia|bilhete|saldo|valor|total|preco|terminado em|compra de|nota fiscal|boleto|processo|cep|nif|' +
      'numero do pedido|mercado|loja|terminal|transacao|pix de',
    phone: 'ligue|ligar|telefone|tel|responda|envie|contacte|contato|central de|motorista',
    money: 'reais|euros|kwanzas|meticais|mzn|aoa|brl',
    unit: 'minutos|horas|hora|dias|dia|meses|anos|pontos|pessoas|vezes|segundos|semanas|milhas',
    enter: 'use|utilize|utilizar|insira|inserir|introduza|digite|informe',
    act:
      'entrar|acessar|aceder|iniciar sessao|verificar|confirmar|validar|ativar|concluir|cadastro|registar|registrar|' +
      'autorizar|autenticar|sua identidade',
    setting:
      'desconto*|oferta*|promocao|promocoes|promo|gratis|cupom|retirada|levantamento|recolha|entrega|voo|hotel|premio|' +
      'sorteio|brinde|encomenda|entregador|portao|porta',
    at: 'ate|desde|antes|depois|as|das|entre|em|de|no|na|ao|da|do|por|a',
    is: 'é|são',
    with: 'com',
    warn: 'nunca|nao|ninguem|jamais',
  },
  nl: {
    sure:
      '*verificatiecode*|*beveiligingscode*|*bevestigingscode*|*inlogcode*|*aanmeldcode*|*toegangscode*|*sms code*|' +
      'eenmalige code|eenmalig wachtwoord|eenmalige pincode|eenmalige toegangscode|*authenticatiecode*|*controlecode*|' +
      'tijdelijk wachtwoord|tijdelijke code|*tancode*|*herstelcode*|*veiligheidscode*',
    code: '*code|*wachtwoord|*pincode|*activeringscode*|*activatiecode*|*registratiecode*',
    other:
      'kortingscode*|kortings code|actiecode*|vouchercode*|afhaalcode*|ophaalcode*|streepjescode*|*bezorgcode*|' +
      'postcode*|uitnodigingscode*|kadocode*|cadeaucode*|deurcode*|foutcode*|landcode*|wifi wachtwoord|kluiscode*',
    noun:
      'rekening|rekeningnummer|pas|*kaart|*bestelling|*bestelnummer|pakket|zending|*factuur*|*nummer|afspraak|kamer|' +
      'vlucht|saldo|bedrag|totaal|prijs|eindigend op|winkel|klantnummer|dossier|kenmerk|betaling van|spoor',
    phone: 'bel|bellen|telefoon|antwoord|stuur|klantenservice',
    money: 'euro',
    unit: 'minuten|minuut|uur|dagen|dag|weken|maanden|jaar|punten|personen|keer|seconden|stuks',
    enter: 'gebruik|voer|vul|typ|toets',
    act:
      'inloggen|in te loggen|aanmelden|aanmelding|verifieren|bevestigen|te bevestigen|bevestig|activeren|registreren|' +
      'registratie|af te ronden|aan te melden',
    setting:
      'korting*|aanbieding*|actie|gratis|afhalen|ophalen|haal|bezorgd|pakket|hotel|vlucht|winactie|prijs|wifi|bezorger|deur',
    at: 'tot|om|vanaf|sinds|van|op|in|na|voor|tussen|bij|naar|aan',
    is: 'is|luidt',
    with: 'met',
    warn: 'nooit|niet|niemand',
  },
  nordic: {
    sure:
      '*verifieringskod*|*verifikationskod*|*verifikasjonskod*|*sakerhetskod*|*inloggningskod*|*engangskod*|' +
      '*engangslosenord*|*engangspassord*|*engangsadgangskod*|*bekreftelseskod*|*bekraftelsekod*|*bekræftelseskod*|' +
      '*innloggingskod*|*sikkerhedskod*|*sikkerhetskod*|*loginkod*|*sms kod*|*aktiveringskod*|*autentiseringskod*|' +
      '*godkendelseskod*|*kontrollkod*|*kontrolkod*|*engangspin*|midlertidig adgangskode|tillfalligt losenord|' +
      '*auðkenningarkod*|*auðkenniskod*|*staðfestingarkod*|*oryggiskod*|*innskraningarkod*|einnota lykilorð|*einskiptiskod*',
    code:
      '*kod|*koden|*kode|*koda|smskod*|pinkod*|*losenord|*losenordet|*passord|*adgangskode|*adgangskoden|*pinkod*|*lykilorð*|' +
      '*koði|koðinn|*koðinn|*koda num|kodinn|*kodi',
    other:
      'rabattkod*|rabatkod*|kampanjkod*|kampagnekod*|kampanjekod*|gavekod*|gavokort*|hamtkod*|hentekod*|' +
      'afhentningskod*|utlamningskod*|streckkod*|strekkod*|stregkod*|dorrkod*|portkod*|dorkod*|vervekod*|varvkod*|' +
      'landskod*|landekod*|felkod*|feilkod*|postnummer*|bokningskod*|bookingkod*|afslattarkod*|afhendingarkod*|' +
      'rabattkupong*|wifi losenord*|presentkod*|riktnummer',
    noun:
      'konto|kontonummer|kort|kortet|ordre|bestallning|paket|pakke|*nummer|avi|avinummer|bokning|booking|rum|rom|' +
      'saldo|belopp|belob|belop|total|pris|som slutar pa|som slutter pa|der ender pa|faktura|kundnummer|box|boks|' +
      'referanse|referens|ocr|reikning*|pontun|postur',
    phone: 'ring|ringa|telefon|tlf|tel|svara|svar|kontakt|kontakta|avboka pa|avbestill|simi|hringdu',
    money: 'kronor|kroner|kr|sek|nok|dkk|isk|kronur',
    unit: 'minuter|minutter|timmar|timer|dagar|dage|dager|manader|maneder|poang|poeng|point|ganger|minutur',
    enter: 'anvand|bruk|brug|ange|skriv|skriv inn|skriv in|indtast|tast|tast inn|slaðu inn|notaðu',
    act:
      'logga in|logge inn|logge pa|logge ind|log ind|verifiera|verifisere|verificere|bekrafta|bekrefte|bekræfte|' +
      'registrera|registrere|aktivera|aktivere|innskraning*|staðfesta|skra þig inn|innlogging|inloggning',
    setting:
      'rabatt|rabat|erbjudande*|tilbud*|kampanj*|gratis|hamta|hamtas|hentes|afhentning|klar til|pakke|paket|pakken|' +
      'pakettet|spar|hotel|hotell|automat|afslatt*|wifi|premie|vinn|dorr|portkod*|bud|budet',
    at: 'till|til|kl|fran|fra|efter|etter|innan|inden|senast|senest|den|pa|i|hos|vid|ved|t o m|for',
    is: 'ar|er|blir|lyder',
    with: 'med',
    warn: 'aldri|aldrig|inte|ikke|ingen|ekki|engum',
  },
  fi: {
    sure:
      '*vahvistuskoodi*|*kertakayttokoodi*|*kertakayttoinen*|*kertakirjautumiskoodi*|*kirjautumiskoodi*|' +
      '*turvakoodi*|*tunnistuskoodi*|*varmistuskoodi*|*todennuskoodi*|*kertakayttosalasana*|*tekstiviestikoodi*|' +
      '*tunnistautumiskoodi*|vahvistustunnus*|tunnusluku*|tunnuslukusi',
    code: '*koodi|*koodisi|*koodin|*koodia|*koodilla|*salasana|*salasanasi|pin koodi*|*aktivointikoodi*',
    other:
      'alennuskoodi*|tarjouskoodi*|kampanjakoodi*|noutokoodi*|viivakoodi*|postinumero*|lahjakoodi*|ovikoodi*|' +
      'avauskoodi*|virhekoodi*|maakoodi*|suuntanumero*|kutsukoodi*|qr koodi*|lokerokoodi*',
    noun:
      'tili*|kortti*|kortilla|tilaus*|tilausnumero*|paketti*|lahetys*|lahetystunnus*|lasku*|varaus*|huone*|lento*|' +
      'asiakasnumero*|saldo*|summa*|hinta*|viite*|viitenumero*|puhelinnumero*|automaatti*|*numero',
    phone: 'soita|puhelin|puh|peruutus|asiakaspalvelu|vastaa|laheta',
    money: 'euroa|eur',
    unit: 'minuuttia|minuutin|tuntia|paivaa|viikkoa|kuukautta|vuotta|pistetta|mt|gt|kertaa|kappaletta|kpl',
    enter: 'kayta|syota|anna|kirjoita|nappaile',
    act:
      'kirjaudu|kirjautua|kirjautumiseen|kirjautuaksesi|kirjautumis*|vahvista|vahvistaaksesi|vahvistamiseen|' +
      'rekisteroi*|tunnistaudu|aktivoi*',
    setting:
      'alennus*|alennuksen|tarjous*|ilmainen|ilmaiseksi|nouda|noudettavissa|noutopiste*|paketti*|pakettisi|hotelli|arvonta',
    at: 'klo|asti|saakka|ennen|alkaen|mennessa|noin',
    is: 'on',
    warn: 'ala|koskaan|kenellekaan|kellekaan|emme',
  },
  baltic: {
    sure:
      '*kinnituskood*|*turvakood*|*uhekordne*|uhekordne parool|uhekordne kood|*sisselogimiskood*|*kontrollkood*|' +
      'apstiprinajuma kods|verifikacijas kods|drosibas kods|vienreizeja parole|vienreizejais kods|vienreizeja kods|' +
      'autorizacijas kods|piekluves kods|pieslegsanas kods|sms kods|sms kood|' +
      'patvirtinimo kod*|saugos kod*|vienkartin* slaptazod*|vienkartinis kod*|vienkartinis slaptazod*|prisijungimo kod*|' +
      'tapatybes kod*|tikrinimo kod*|verifikavimo kod*|vienkartinis',
    code: '*kood|*koodi|*kooduks|*parool|kods|kodu|parole|kodas|koda|kodo|slaptazod*|pin kood',
    other:
      'sooduskood*|kupongikood*|ukse kood|uksekood*|ribakood*|postiindeks*|kapi kood|avamiskood*|vaartuskood*|' +
      'atlaides kod*|atlaizu kod*|kupona kod*|durvju kod*|pasta indekss|svitrkod*|skapisa kod*|sanemsanas kod*|' +
      'izsniegsanas kod*|nuolaidos kod*|kupono kod*|atsiemimo kod*|duru kod*|pasto kod*|bruksnin*|siuntos kod*|' +
      'durų kod*|pakomata kod*|pastomato kod*',
    noun:
      'konto|kontojaak|kaart*|tellimus*|pakk|saadetis*|arve|number|numbriga|saldo|summa|kapp|' +
      'konts|konta|karte*|karti|pasutijums|pasutijum*|sutijum*|rekins|atlikums|numurs|pirkums|' +
      'saskait*|kortel*|uzsakym*|siunt*|likutis|suma|numeris|atsiskaityta',
    phone: 'helista|telefon|vasta|zvaniet|zvani|talr|talrunis|skambinkite|skambink|tel',
    money: 'eurot|eiro|eurai|euru|eur',
    unit: 'minutit|tundi|paeva|punkti|minutes|stundas|dienas|punkti|minuciu|minutes|valandas|dienas|dienu|tasku',
    enter: 'sisesta|kasuta|ievadiet|ievadi|izmantojiet|izmanto|iveskite|ivesk|naudokite|naudok',
    act:
      'sisselogi*|logi sisse|kinnita*|registreeri*|pieslegt*|ielogo*|apstiprin*|verific*|registr*|prisijung*|' +
      'patvirtin*|autentifik*',
    setting:
      'sooduspakkum*|allahindlus*|soodustus*|pakk|pakiautomaat*|automaadis|atlaide*|atlaides|pakomat*|sutijum*|' +
      'nuolaid*|pastomat*|siunta|atsiimkite|akcija*',
    at: 'kuni|kell|alates|enne|lidz|no|plkst|iki|nuo|val|pries|po|su',
    is: 'ir|yra|on',
    with: 'ar|su',
    warn: 'ara|kunagi|kellegagi|nekad|neizpaudiet|niekada|niekam|nesakykite',
  },
  pl: {
    sure:
      'kod* weryfikacyjn*|kod* autoryzacyjn*|kod* bezpieczenstwa|kod* uwierzytelniajac*|kod* jednorazow*|' +
      'jednorazow* kod*|jednorazow* hasl*|haslo jednorazowe|kod* do logowania|kod* logowania|kod* sms|smskod*|' +
      'sms kod*|kod* dostepu|haslo tymczasowe|tymczasowe haslo|kod* rejestracyjn*|kod* blik|haslo sms|' +
      'kod* jednokrotn*|kod* do autoryzacji|tymczasowy kod',
    code: 'kod|kodu|kodem|haslo|haslem|hasla|kod* potwierdzajac*|kod* aktywacyjn*|kod* potwierdzenia|kod* aktywacji',
    other:
      'kod* rabatow*|kod* promocyjn*|kod* odbioru|kod* pocztow*|kod* kreskow*|kod* znizkow*|kod* qr|kod* paczki|' +
      'kod* produktu|kod* klienta|kod* otwarcia|kod* polecajac*|kod* do odbioru|kod* nadania|kody|hasla wifi|haslo wifi|' +
      'haslo do wifi|kod* do drzwi|kod* domofonu|kod* bledu|pin odbioru|kod* zamowienia|kod* rezerwacji|kuponu|kupon',
    noun:
      'konto|konta|karta|karty|karte|zamowieni*|paczk*|przesylk*|faktur*|rachun*|rach|zgloszeni*|numer|nr|' +
      'numer klienta|rezerwacj*|pokoj|lot|saldo|kwota|kwote|kwoty|stan konta|suma|konczac* sie|operacja|operacji|' +
      'transakcj*|sklep|gab|gabinet|lokal|ul|dn|z dn|bilet|przelew',
    phone: 'zadzwon|dzwon|tel|telefon|infolinia|odpowiedz|wyslij|odpisz|kontakt|rezygnacja|info',
    money: 'zl|zlotych|zlote|pln|grosz*',
    unit: 'minut|minuty|godz|godziny|godzin|dni|dzien|punktow|punkty|osob|razy|sztuk|szt|lat|sekund|tygodni',
    enter: 'uzyj|wpisz|wprowadz|podaj|wpisac',
    act: 'zalogowa*|logowani*|zaloguj|potwierdz*|zweryfik*|weryfik*|autoryz*|aktyw*|rejestr*|zarejestr*|dokoncz*',
    setting:
      'rabat*|promocj*|znizk*|gratis|paczkomat*|paczk*|odbierz|odbior*|kurier*|wygran*|konkurs*|nagrod*|kupon*|' +
      'hotel*|lot|oferta|ofert*|wyprzedaz*',
    at: 'do|od|o|przed|po|z|w|na|za|ok|dnia|godz',
    is: 'to|jest|brzmi',
    warn: 'nigdy|nie|nikomu',
  },
  csk: {
    sure:
      'overovaci kod*|overovaci* kod*|bezpecnostni kod*|bezpecnostny kod*|jednorazov* kod*|jednorazov* hesl*|' +
      'autorizacni kod*|autorizacny kod*|sms kod*|kod* pro prihlaseni|kod* na prihlasenie|prihlasovaci kod*|' +
      'prihlasovaci* kod*|potvrzovaci kod*|potvrdzovaci kod*|kontrolni kod*|docasne heslo|kod* pre prihlasenie|' +
      'autentizacni kod*|docasny kod*|verifikacni kod*|verifikacny kod*|kod* na overenie|kod* pro overeni',
    code: 'hesl*|*aktivacni kod*|aktivacny kod*|pristupovy kod*|=kódem|=kódom',
    other:
      'slevov* kod*|zlavov* kod*|kupon*|promo kod*|heslo pro vydej|kod* pro vydej|heslo pro vyzvednuti|' +
      'kod* pro vyzvednuti|pin na vyzdvihnutie|kod* na vyzdvihnutie|kod* zasilky|kod* zasielky|smerovaci cislo|psc|' +
      'carovy kod*|ciarovy kod*|qr kod*|kod* dveri|heslo k wifi|heslo na wifi|vydejni kod*|kod* na prevzatie|pin pro vydej|' +
      'pin pro vyzvednuti|pin k vyzvednuti|kod* produktu|kod* pre vyzdvihnutie|darkov* kod*|kod* k vyzvednuti',
    noun:
      'uct*|ucet|kart*|objednavk*|zasilk*|zasielk*|balik*|faktur*|cislo|rezervac*|pokoj|izb*|let|zustatek|zostatok|' +
      'castka|suma|cena|koncici|konciaca|variabilni symbol|vs|ordinac*|pobock*|platba|dobirka|dobierka',
    phone: 'volejte|volajte|zavolejte|zavolajte|tel|telefon|odpovezte|linka|infolinka|kuryr|kurier',
    money: 'korun|kc|czk|eur',
    unit: 'minut|min|hodin|hodiny|dni|dnu|den|bodu|bodov|body|krat|kusu|kusov|osob|osob|let|rokov|sekund|sekund',
    enter: 'pouzijte|pouzij|pouzite|pouzi|zadejte|zadej|zadajte|zadaj|napiste|vlozte|vepiste|vpiste',
    act: 'prihlas*|overit|overeni*|overen*|potvrd*|potvrz*|aktiv*|registr*|autoriz*|autentiz*',
    setting:
      'slev*|zlav*|akce|akcia|vyzvedn*|vyzdvih*|vydej*|z box|zbox|alzabox*|zasilk*|zasielk*|balik*|hotel*|soutez|sutaz|vyher*|darek',
    at: 'do|od|v|o|po|pred|dne|dna|na|za|z',
    is: 'je',
    warn: 'nikdy|nikomu|nesdelujte|nezdielajte|ne',
  },
  southslavic: {
    sure:
      'verifikacij* kod*|verifikacion* kod*|sigurnosn* kod*|bezbednosn* kod*|jednokratn* lozink*|jednokratn* kod*|' +
      'jednokratn* sifr*|kod* za potvrdu|kod* za prijavu|kod* za verifikaciju|kod* za provjeru|kod* za proveru|' +
      'potvrditven* kod*|enkratn* gesl*|enkratn* kod*|varnostn* kod*|kod* za prijavo|potvrdni kod*|autorizacijsk* kod*|' +
      'autorizacion* kod*|pristupn* kod*|prijavn* kod*|kod* za preverjanje|sms kod*|potrditven* kod*',
    code: 'lozink*|sifr*|zapork*|gesl*|koda|kodo|kode|aktivacijsk* kod*|aktivacion* kod*',
    other:
      'kod* za popust|promo kod*|kod* za preuzimanje|pin za preuzimanje|postanski broj|postna stevilka|kod* za popusta|' +
      'bar kod*|crtn* kod*|qr kod*|kod* za prevzem|pozivni broj|kupon*|kod* proizvoda|sifra proizvoda|lozinka za wifi|' +
      'wifi lozinka|geslo za wifi|kod* za otvaranje|poklon kod*|kod* za ugodnost',
    noun:
      'racun*|kartic*|narudzb*|porudzbin*|narocil*|posiljk*|paket*|faktur*|broj*|stevilk*|rezervacij*|soba|sobi|sobu|let|stanje|' +
      'iznos*|znesek|cena|cijena|zavrsava|referenc*|poziv na broj|kupnja|kupovina|nakup|otkup',
    phone: 'nazovite|pozovite|poklicite|poklici|tel|telefon|odgovorite|kurir|kontakt|informacije',
    money: 'dinara|rsd|kuna|eura|evra|evrov|bam|denara|mkd',
    unit: 'minuta|minut|minute|sati|dana|dni|bodova|poena|tock|osoba|puta|komada|godina|sekundi',
    enter:
      'unesite|unesi|vnesite|vnesi|upisite|upisi|koristite|koristi|iskoristite|uporabite|uporabi|ukucajte',
    act: 'prijav*|potvrd*|verifik*|registr*|aktiv*|provjer*|prover*|preverj*|autoriz*|potrdi*|potrdit*',
    setting:
      'popust*|akcij*|nagrad*|preuzim*|prevzem*|paketomat*|paket*|posiljk*|gratis|hotel*|kupon*|dostav*',
    at: 'do|od|u|v|na|nakon|prije|pre|pred|po|za|iz|ob',
    is: 'je|glasi',
    warn: 'nikada|nikad|nikome|nikomu|ne',
  },
  hu: {
    sure:
      '*ellenorzo kod*|*megerosito kod*|*biztonsagi kod*|egyszer hasznalatos kod*|egyszer hasznalatos jelszo*|' +
      'egyszeri jelszo*|egyszeri kod*|*bejelentkezesi kod*|*belepesi kod*|*belepokod*|*belepo kod*|*sms kod*|' +
      '*hitelesito kod*|*azonosito kod*|*visszaigazolo kod*|ideiglenes jelszo*|*hitelesitesi kod*|*jovahagyo kod*',
    code: '*kodja|*kodod|*kodot|*kodjat|*kododat|*jelszo|*jelszava|*jelszavad|pin kod*|*aktivalo kod*',
    other:
      'kuponkod*|kupon kod*|kedvezmenykod*|promokod*|promocios kod*|atveteli kod*|atvevo kod*|iranyitoszam*|vonalkod*|' +
      'qr kod*|ajandekkod*|termekkod*|hibakod*|kapukod*|nyito kod*|nyitokod*|csomagkod*|wifi jelszo*|meghivokod*|' +
      'atveteli pin*|lakaskod*',
    noun:
      'szamla*|szamlaszam*|kartya*|rendeles*|csomag*|csomagszam*|szamu|szama|foglalas*|szoba*|egyenleg*|osszeg*|' +
      'vegosszeg*|ugyszam*|ugyfelszam*|vegu|vegzodo|utanvet|jarat*|rendelo|azonosito|azonositoszam*|hivatkozas*',
    phone: 'hivja|hivjon|telefon|tel|valaszoljon|kuldje|ugyfelszolgalat|futar',
    money: 'ft|forint*|huf',
    unit: 'perc|percig|percen|oraig|napig|pont|db|darab|masodperc',
    enter: 'hasznalja|hasznald|irja be|ird be|adja meg|add meg|gepelje|adja be',
    act: 'bejelentkez*|belep*|belepeshez|megerosit*|hitelesit*|regisztr*|aktival*|azonosit*|jovahagy*|ellenorz*',
    setting:
      'kedvezmeny*|akcio*|kupon*|automat*|csomag*|atvehet*|atvetel*|ingyen*|nyeremeny*|szalloda|ajandek*|szallitas*',
    at: 'ig|tol|kor|elott|utan|kb',
    is: 'kovetkezo|a|az',
    warn: 'soha|ne|senkinek|senkivel',
  },
  ro: {
    sure:
      'cod* de verificare|cod* de securitate|cod* de autentificare|cod* de autorizare|cod* unic*|cod* otp|cod* sms|' +
      'cod* de acces|cod* de conectare|cod* de logare|parol* unic*|parol* temporar*|cod* temporar|cod* de validare|' +
      'parola de unica folosinta|cod* de siguranta|cod* de inregistrare|cod* de unica folosinta',
    code: 'cod|codul|codului|parola|cod* de confirmare|cod* de activare|cod* pin',
    other:
      'cod* de ridicare|cod* promotional*|cod* promo|cod* de reducere|cod* postal*|cod* de bare|cod* qr|cod* produs*|' +
      'cod* client*|cod* comanda|cod* awb|cod* de client|cod* de livrare|cod* de deschidere|cod* iban|cod* fiscal|' +
      'coduri|codurile|parola wifi|cod* cadou|cod* rezervare|pin de ridicare|cod* caen|cod* de eroare|cod* voucher',
    noun:
      'cont|contul|card|cardul|comanda*|colet*|factura*|numar*|nr|rezervare*|camera|zbor|sold|soldul|suma|pret|total|' +
      'terminat in|se termina|referinta|plata|ramburs|tranzactie*|dosar|awb|contract|agentie',
    phone: 'sunati|suna|apelati|tel|telefon|raspunde|raspundeti|curier|contact|dezabonare|info|detalii',
    money: 'lei|ron|leu|bani|euro',
    unit: 'minute|minut|zile|puncte|persoane|ori|bucati|ani|luni|secunde',
    enter: 'introdu|introduceti|foloseste|folositi|utilizati|utilizeaza|tasteaza|scrie',
    act: 'conecta*|conectare|autentific*|verific*|confirm*|autoriz*|activa*|inregistr*|loga|login|finaliza*|valida*',
    setting:
      'reducere*|oferta*|promotie*|gratuit*|easybox|colet*|ridic*|livrare*|livrat|hotel|premiu*|castig*|voucher*|cupon*',
    at: 'pana|de|la|din|in|dupa|inainte|pe|ora|intre|cu',
    is: 'este|e|sunt',
    with: 'cu',
    warn: 'niciodata|nu|nimanui',
  },
  tr: {
    sure:
      'dogrulama kod*|onay kod*|guvenlik kod*|tek kullanimlik sifre*|tek kullanimlik kod*|tek kullanimlik parola*|' +
      'giris kod*|aktivasyon kod*|sms kod*|sms sifre*|3d secure sifre*|gecici sifre*|dogrulama sifre*|onay sifre*|' +
      'islem sifre*|oturum acma kod*|teyit kod*|kimlik dogrulama kod*|giris sifre*|tek kullanimlik|mobil onay kod*',
    code: 'kodunuz|kodun|kodu|kodunu|kod|sifreniz|sifren|sifre|parolaniz|parolan|parola|pin kod*|sifrenizi',
    other:
      'indirim kod*|kupon*|promosyon kod*|kampanya kod*|posta kod*|teslimat kod*|teslim kod*|kargo kod*|barkod*|' +
      'karekod*|hediye kod*|urun kod*|davet kod*|referans kod*|alan kod*|ulke kod*|sube kod*|takip kod*|siparis kod*|' +
      'musteri kod*|wifi sifre*|kapi kod*|hata kod*|rezervasyon kod*|hes kod*|swift kod*|teslim alma kod*|iade kod*|kodlar*',
    noun:
      'hesab*|kart*|siparis*|kargo*|gonderi*|fatura*|numara*|nolu|no|takip no|rezervasyon*|oda|ucus*|bakiye*|tutar*|' +
      'toplam|fiyat*|ile biten|biten|sonu|sube*|plan no|poliz*|abone*|islem no|referans no|harcama*|plaka*|kat|daire|salon',
    phone:
      'arayin|arayiniz|telefon|tel|cevaplayin|yanitlayin|gonderin|kurye|musteri hizmetleri|cagri merkezi|iptal icin',
    money: 'tl|lira|kurus',
    unit: 'dakika|dk|puan|kisi|kez|adet|yil|hafta|saniye|metre|mil',
    enter: 'girin|giriniz|gir|kullanin|kullanarak|kullan|yazin|tuslayin|girerek',
    act: 'giris|giris yap*|oturum ac*|dogrula*|onayla*|kayit|kaydi*|uyelik|aktif*|aktivasyon|girmek|tamamla*',
    setting:
      'indirim*|kampanya*|firsat*|kupon*|hediye|bedava|ucretsiz|teslim*|kargo*|kurye*|otel|cekilis|kazan*|puan|iade',
    at: 'tarihine|saat|kadar|itibaren|sonra|once',
    is: "'dir|dir",
    warn: 'asla|kimseyle|kimseye|paylasmayin|vermeyin',
  },
  turkic: {
    sure:
      'tesdiq kod*|təsdiq kod*|təsdiqləmə kod*|birdəfəlik sifrə*|birdəfəlik kod*|birdəfəlik parol*|təhlukəsizlik kod*|' +
      'giris kod*|tasdiqlash kod*|tasdiq kod*|bir martalik parol*|bir martalik kod*|kirish kod*|xavfsizlik kod*|' +
      'sms kod*|faollashtirish kod*|tassyklaýys kod*|tasdyklaýys kod*',
    code: 'kodingiz|kodi|kodini|kodunuz|sifrəniz|sifrə|parolingiz|parolunuz|parol|kirish uchun kod',
    other:
      'promo kod*|promokod*|endirim kod*|chegirma kod*|kupon*|pocht indeks*|poct indeks*|shtrix kod*|wifi parol*|qr kod*',
    noun: 'hesab*|karta*|kart*|sifaris*|buyurtma*|balans*|qaliq*|qoldiq*|summa*|məbləg*|nomrə*|raqam*|hisob*|to lov|odenis|posilka*|yuk xati',
    phone: 'zəng|yigin|qo ng iroq|tering|telefon|tel|aloqa',
    money: 'manat|azn|sum|so m|uzs|tmt',
    unit: 'dəqiqə*|saat|daqiqa*|soat|ball*',
    enter: 'daxil edin|istifadə edin|kiriting|foydalaning',
    act: 'giris|daxil ol*|təsdiq*|qeydiyyat*|tizimga kirish|tasdiqla*|ro yxatdan*|kirish uchun',
    setting: 'endirim*|kampaniya*|chegirma*|aksiya*|hədiyyə|sovg a*|yetkaz*|catdirilma*',
    at: 'qədər|saat|soat|gacha|dan',
    is: 'bu',
    warn: 'hec|hech|aytmang|verməyin',
  },
  vi: {
    sure:
      'ma otp|ma xac thuc|ma xac nhan|ma xac minh|ma bao mat|ma dang nhap|ma kich hoat|ma truy cap|ma pin|' +
      'mat khau mot lan|mat khau dung mot lan|mat khau tam thoi|ma giao dich otp|ma so xac thuc|ma so bi mat',
    code: '=mã|mat khau|=mã số|cua ban la|cua quy khach la',
    other:
      'ma giam gia|ma khuyen mai|ma uu dai|ma voucher|ma don hang|ma don|ma van don|ma buu chinh|ma buu dien|ma vach|' +
      'ma qr|ma nhan hang|ma khach hang|ma san pham|ma dat cho|ma giao dich|ma gd|ma so thue|ma tra cuu|ma cuoc goi|' +
      'ma gioi thieu|ma qua tang|ma vung|ma quoc gia|mat khau wifi|ma lay hang|ma tu|ma hoa don|ma yeu cau|ma vach',
    noun:
      'tai khoan|tk|so the|don hang|buu kien|van don|hoa don|so du|sd|so tien|gia|tong|phong|chuyen bay|' +
      'khach hang|hop dong|gd|giao dich|nd|thu ho|bien so|ghe|so',
    phone: 'goi|lien he|hotline|tong dai|soan|gui|shipper|sdt|dien thoai|lh|dt',
    money: '=đ|dong|vnd|nghin|trieu',
    unit: 'phut|gio|ngay|diem|thang|nam|giay|lan|nguoi|tuan',
    enter: 'nhap|su dung|dung',
    act: 'dang nhap|xac nhan|xac minh|xac thuc|dang ky|kich hoat|hoan tat',
    setting:
      'giam|khuyen mai|uu dai|voucher|qua tang|trung thuong|giao hang|nhan hang|buu kien|don hang|mien phi|khach san|tang',
    at: 'luc|den|tu|truoc|sau|ngay|phong|so|gui|con',
    is: 'là|la',
    warn: 'khong|tuyet doi|dung chia se|bat ky ai',
  },
  malay: {
    sure:
      'kode verifikasi*|kode otp|kode konfirmasi*|kode keamanan*|kode rahasia*|kode masuk*|kode login*|kode aktivasi*|' +
      'kode akses*|kode sekali pakai*|kata sandi sekali pakai*|kata sandi sementara|kode autentikasi*|kode unik|' +
      'kode registrasi*|kod pengesahan*|kod otp|kod keselamatan*|kod log masuk*|kod akses*|kata laluan sekali*|' +
      'nombor pengesahan*|kata laluan sementara*|kode sms|kod sms|kod sekali guna*|nomor verifikasi|sandi otp|kode pin',
    code: 'kode|kata sandi|sandi|password|kata laluan',
    other:
      'kode promo*|kode voucher*|kode diskon*|kode kupon*|kode pos|kode batang|kode qr|kode ambil|kode pengambilan|' +
      'kode pembayaran|kode booking|kode referral*|kode undangan|kode produk|kode bank|kode area|kode negara|' +
      'kode transaksi|kode resi|kod promo*|kod diskaun|kod baucar|poskod|kod bar|kod kutipan|kod penghantaran|' +
      'kod tempahan|kode bayar|kode penerimaan|kode hadiah|kod qr|kode virtual|sandi wifi|kode loker|kod loker|kod pos',
    noun:
      'rekening|rek|kartu|kad|akaun|pesanan|paket|bungkusan|resi|no resi|tagihan|bil|saldo|baki|jumlah|total|nominal|' +
      'harga|nomor|no|nombor|kamar|bilik|penerbangan|pelanggan|berakhir|ref|transaksi|invois|invoice|meja|pulsa',
    phone: 'hubungi|hub|telepon|telp|telefon|balas|kirim|ketik|kurir|rider|unreg|cs|layanan|dail|taip',
    money: 'rp|rupiah|idr|rm|ringgit|myr|sgd',
    unit: 'menit|minit|jam|hari|poin|mata|orang|kali|bulan|tahun|detik|minggu',
    enter: 'gunakan|masukkan|masukan|guna|ketikkan|isi',
    act: 'masuk|login|log masuk|verifikasi|konfirmasi|sahkan|mengesahkan|daftar|mendaftar|registrasi|aktivasi|mengaktifkan|pendaftaran',
    setting:
      'diskon|diskaun|promo|voucher|baucar|kupon|cashback|gratis|percuma|hadiah|loker|ambil|pengambilan|kurir|paket|' +
      'pengiriman|penghantaran|hotel|undian|pemenang|diantar|dikirim|menang',
    at: 'sampai|hingga|dari|pukul|jam|tgl|tanggal|pada|sebelum|sejak|di|ke|sd|s d',
    is: 'adalah|ialah|yaitu|iaitu',
    with: 'dengan',
    warn: 'jangan|tidak|siapapun|siapa|sesiapa',
  },
  tl: {
    sure:
      'verification code mo|one time pin|iyong otp|otp mo|kodigo ng pagpapatunay|kodigo sa pag verify|code sa pag login|' +
      'kodigo sa pagkumpirma|code para mag login|code ng beripikasyon',
    code: 'kodigo|iyong code|iyong pin',
    other: 'promo code|kodigo ng diskwento|voucher code',
    noun: 'numero|halaga|balanse|bagong balanse|padala',
    phone: 'tumawag|tawag|i text|itext|mag text|i dial|idial|rider',
    money: 'piso|php|pesos',
    unit: 'minuto|oras|araw|puntos|beses',
    enter: 'gamitin|gamitin ang|ilagay|ilagay ang|i enter|ienter|i type',
    act: 'mag login|makapag login|pag login|mag log in|i verify|ma verify|mag register|kumpirmahin|i confirm',
    setting: 'diskwento|panalo|nanalo|ihahatid|order mo',
    at: 'hanggang|mula|bago|noong|sa|kay',
    is: 'ay|ang',
    warn: 'huwag|hindi|kaninuman',
  },
  african: {
    sure:
      'msimbo* wako wa uthibitish*|msimbo wa uthibitish*|msimbo wa kuthibitisha|nambari ya uthibitish*|' +
      'nambari yako ya uthibitish*|namba ya uthibitish*|namba yako ya uthibitish*|msimbo wa usalama|nambari yako ya siri|msimbo wa kuingia|' +
      'nenosiri la mara moja|nywila ya mara moja|pin yako ya muda|lambar tabbatarwa|lambar sirri|lambobin tabbatarwa|' +
      'lambar tantancewa|lambarka xaqiijinta|koodhka xaqiijinta|koodhkaaga xaqiijinta|lambarka sirta|furaha sirta|' +
      '*verifikasiekode*|*bevestigingskode*|eenmalige pin|eenmalige wagwoord|*sekuriteitskode*|ikhodi yokuqinisekisa|' +
      'ikhodi yakho yokuqinisekisa|koodu ijerisi|koodu idanimo|nomba idaniloju|koodu nkwenye|koodu idaniloju|' +
      'kodu yo kwemeza|ikhowudi yokuqinisekisa|nambari ya siri|lambarkaaga xaqiijinta',
    code: 'msimbo*|koodh*|ikhodi*|ikhowudi*|koodu|lambobi|nenosiri|nywila|wagwoord|kodu|kalmar sirri|lambarkaaga sirta',
    other: 'kode ya ofa|msimbo wa ofa|afslagkode*|koepon*|poskode*|msimbo wa posta|nambari ya posta',
    noun: 'salio|kiasi|akaunti|kadi|oda|kumbukumbu|rekening|ibhalansi|haraagaagu|lambarka|nambari|ragowar|kudin|bestelling|pakkie',
    phone: 'piga|wasiliana|danna|wac|garaac|shayela|skakel|kira',
    money: 'shilingi|tsh|ksh|ush|naira|rand|birr|tzs|kes|doolar',
    unit: 'dakika|saa|siku|pointi|minti|kwanaki|daqiiqo|saacadood|minute|dae|amaminithi',
    enter: 'tumia|ingiza|weka|yi amfani da|shigar da|isticmaal|geli|gebruik|sebenzisa|faka',
    act: 'kuingia|kuthibitisha|uthibitish*|kujisajili|tabbatar*|shiga|gal|xaqiiji*|aan te meld|ukungena|meld aan',
    setting: 'punguzo|ofa|zawadi|ragi|qiimo dhimis|afslag|mshindi',
    at: 'hadi|kutoka|kabla|baada|tarehe|kwa|zuwa|daga|ilaa|tot|kuna',
    is: 'ni|waa|ce|ne|ithi|ngu',
    warn: 'usishiriki|usimpe|kamwe|moenie|nooit|ha la wadaagin|kada',
  },
  /** Other scripts written in Latin letters. */
  transcribed: {
    sure:
      'kod podtverzhdeniya|kod podtverjdeniya|kod podtverzhdeniia|parol dlya podtverzhdeniya|odnorazovyj parol|odnorazovyi parol|' +
      'odnoraz* parol|odnoraz* kod|kod dlya vhoda|kod dlya vkhoda|parol dlya vhoda|kod dostupa|proverochn* kod|ertjeradi kod*|' +
      'kodikos epalitheusis|kodikos epivevaiosis|ramz ul tahaqquq|satyapan code|vash kod|kod avtorizacii|kod avtorizatsii',
    code: 'parol|paroli|kodikos|kods|kodi|ramz',
    other: 'promokod*|kod polucheniya|kod vydachi|kod na skidku',
    noun: 'schet|scheta|karta|karty|kartu|zakaz|zakaza|balans|summa|nomer|posylka|perevod|oplata|pokupka|ostatok|dostupno',
    phone: 'zvonite|pozvonite|tel|nomeru',
    money: 'rub|rublei|rublej|tenge|lari',
    enter: 'vvedite|ispolzuyte|ispolzujte',
    act: 'vhod|vkhod|podtverzhden*|registrac*|avtorizac*',
    setting: 'skidka|skidku|akciya|podarok|besplatno|kurier*|dostavka',
    is: 'eto',
    warn: 'nikomu|ne',
  },
  others: {
    sure:
      'kodi i verifikimit|kodi juaj i verifikimit|kodi i konfirmimit|kodi juaj i konfirmimit|kodi i sigurise|kodi i hyrjes|' +
      'fjalekalimi i perkohshem|kod* verifikimi|codi de verificacio|codi de seguretat|codi d acces|codi d un sol us|' +
      'codi d inici de sessio|contrasenya temporal|contrasenya d un sol us|codigo de verificacion|contrasinal temporal|' +
      'egiaztapen kode*|egiaztatze kode*|segurtasun kode*|erabilera bakarreko kode*|cod dilysu|cod dilysiad*|' +
      'cod diogelwch|cod untro|cod cadarnhau|cod fioraithe|chod fioraithe|chod slandala|pas focal aon uaire|' +
      'kodic* ta verifika|kodic* ta sigurta|kontrolkod*|konfirmkod*|*unufoja pasvorto',
    code: 'codi|kodea|kodik|kodic*|cod|chod|kodo|kodi|pasahitza|contrasenya|contrasinal|fjalekalimi|cyfrinair|pasvorto',
    other:
      'codi de descompte|codi promocional|codi postal|kodi postar|kodi i zbritjes|deskontu kode*|posta kode*|cod post|cod disgownt|codi de recollida|cod codfish',
    noun: 'compte|targeta|comanda|eskaera|txartel*|llogari*|karten|porosi*|saldo|import|archeb|cuntas|ordu|conta|tarxeta|pedido',
    phone: 'truqueu|truca|telefon*|deitu|telefonoa|telefonat|ffoniwch|glaoigh|chame',
    money: 'euros|lek|leke|euro',
    unit: 'minuts|hores|minutu*|minuta|munud|noimead|punts',
    enter: 'introdueix|introduiu|utilitza|feu servir|sartu|erabili|perdorni|futni|rhowch|defnyddiwch|insira',
    act: 'iniciar sessio|verificar|confirmar|egiaztatu|saioa hasi|verifikoni|hyre|konfirmoni|mewngofnodi|wirio',
    setting: 'descompte|oferta|zbritje|deskontu*|recollir|paquet|gostyngiad|eskaintza',
    at: 'fins|abans|fino|deri|nga|para|hyd|me|ne',
    is: 'és|da|është|yw|ydy|huwa|estas',
  },
};
