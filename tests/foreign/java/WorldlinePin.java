import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/** A bank's half of Worldline's protocol with the JDK alone: the tasks of worldline_client.py; the last argument of set and wrap is the MGF1 hash. */
class WorldlinePin {
  static final HexFormat hex = HexFormat.of();

  public static void main(String[] args) throws Exception {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    switch (args[0]) {
      case "set" -> {
        String pin = args[3];
        byte[] fill = new byte[8];
        new SecureRandom().nextBytes(fill);
        String field = "4" + Integer.toHexString(pin.length()) + pin;
        field = field + "a".repeat(16 - field.length()) + hex.formatHex(fill);
        byte[] block = aes(Cipher.ENCRYPT_MODE, key, combine(aes(Cipher.ENCRYPT_MODE, key, hex.parseHex(field)), args[2]));
        System.out.println(wrap(args[1], key, args[4]) + " " + hex.formatHex(block));
      }
      case "wrap" -> System.out.println(wrap(args[1], key, args[2]) + " " + hex.formatHex(key));
      default -> {
        byte[] opened = hex.parseHex(args[1]);
        byte[] first = aes(Cipher.DECRYPT_MODE, opened, hex.parseHex(args[2]));
        String field = hex.formatHex(aes(Cipher.DECRYPT_MODE, opened, combine(first, args[3])));
        System.out.println(field.substring(2, 2 + Integer.parseInt(field.substring(1, 2), 16)));
      }
    }
  }

  static String wrap(String spki, byte[] key, String mgf1Hash) throws Exception {
    PublicKey issuer = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(spki)));
    Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
    var oaep = new OAEPParameterSpec("SHA-256", "MGF1", new MGF1ParameterSpec(mgf1Hash), PSource.PSpecified.DEFAULT);
    rsa.init(Cipher.ENCRYPT_MODE, issuer, oaep);
    return hex.formatHex(rsa.doFinal(key));
  }

  static byte[] aes(int mode, byte[] key, byte[] block) throws Exception {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"));
    return cipher.doFinal(block);
  }

  static byte[] combine(byte[] block, String pan) {
    String digits = (pan.length() - 12) + pan;
    byte[] field = hex.parseHex(digits + "0".repeat(32 - digits.length()));
    for (int index = 0; index < 16; index++) block[index] ^= field[index];
    return block;
  }
}
