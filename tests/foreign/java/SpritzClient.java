import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Scanner;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/** Spritz' device half by the JDK: tasks on standard input, a line for each member; their results, a line of JSON each. */
public class SpritzClient {
  public static void main(String[] none) throws Exception {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine())
      perform(lines.nextLine(), lines.nextLine(), lines.nextLine(), lines.nextLine(), lines.nextLine());
  }

  static void perform(String task, String hash, String key, String fourth, String fifth) throws Exception {
    if (task.equals("open")) {
      byte[] block = gcm(Cipher.DECRYPT_MODE, bytes(key), bytes(fourth), bytes(fifth));
      System.out.println("{\"block\":\"" + new String(block, StandardCharsets.US_ASCII) + "\"}");
      return;
    }
    byte[] sessionKey = random(16), iv = random(Integer.parseInt(fifth));
    Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
    MGF1ParameterSpec mgf1 = hash.equals("SHA-1") ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA512;
    rsa.init(
        Cipher.ENCRYPT_MODE,
        KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(bytes(key))),
        new OAEPParameterSpec(hash, "MGF1", mgf1, PSource.PSpecified.DEFAULT));
    byte[] wrapped = rsa.doFinal(text(sessionKey).getBytes(StandardCharsets.US_ASCII));
    StringBuilder block = new StringBuilder("2" + Integer.toHexString(fourth.length()) + fourth);
    while (block.length() < 16) block.append('F');
    byte[] data = gcm(Cipher.ENCRYPT_MODE, sessionKey, iv, block.toString().getBytes(StandardCharsets.US_ASCII));
    System.out.printf(
        "{\"encryptedKey\":\"%s\",\"sessionKey\":\"%s\",\"iv\":\"%s\",\"data\":\"%s\"}%n",
        text(wrapped), text(sessionKey), text(iv), text(data));
  }

  static byte[] gcm(int mode, byte[] key, byte[] iv, byte[] input) throws Exception {
    Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
    aes.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, iv));
    return aes.doFinal(input);
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  static String text(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(String text) {
    return Base64.getDecoder().decode(text);
  }
}
